// SPDX-License-Identifier: AGPL-3.0-or-later

package node

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Inside is the first process of the node. It returns when one of the node's parts has ended, and then the node ends too.
func Inside(config Config) error {
	done := os.NewFile(3, "done")
	if err := furnish(config); err != nil {
		return err
	}
	if _, err := done.Write([]byte{1}); err != nil {
		return fmt.Errorf("tell that the network is there: %w", err)
	}
	_ = done.Close() // the reader has what it waits for
	if err := config.writeFiles(); err != nil {
		return err
	}
	parts := map[int]string{}
	if err := start(config, parts, "containerd", "containerd", "--config", config.file("containerd.toml")); err != nil {
		return err
	}
	if err := load(config); err != nil {
		return err
	}
	if err := start(config, parts, "kube-proxy", config.Program, "kube-proxy", "--config="+config.file("kube-proxy.yaml")); err != nil {
		return err
	}
	if err := start(config, parts, "kubelet", config.Program, config.kubelet()...); err != nil {
		return err
	}
	return reap(parts)
}

// furnish gives the node its own folders and its address.
func furnish(config Config) error {
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("part the node's mounts from the machine's: %w", err)
	}
	for _, mount := range []struct{ kind, path string }{{"proc", "/proc"}, {"tmpfs", "/run"}, {"tmpfs", "/var/lib"}} {
		if err := unix.Mount(mount.kind, mount.path, mount.kind, 0, ""); err != nil {
			return fmt.Errorf("give the node a %s of its own: %w", mount.path, err)
		}
	}
	// Before Debian 13 /var/run and /run are one folder; where they are not, the node still must not see the machine's.
	if err := os.MkdirAll(config.Log, 0o700); err != nil {
		return fmt.Errorf("make the folder of the node's logs: %w", err)
	}
	if err := unix.Mount(config.Log, "/var/log", "", unix.MS_BIND, ""); err != nil {
		return fmt.Errorf("give the node a /var/log of its own: %w", err)
	}
	// The kubelet needs mount propagation to its containers.
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_SHARED, ""); err != nil {
		return fmt.Errorf("let the node pass mounts on: %w", err)
	}
	return config.address()
}

// address adds the node's address to its loopback device: the node has no neighbour. Traffic to Services needs a route before
// kube-proxy's rules redirect it to a pod.
func (c Config) address() error {
	for _, words := range []string{
		"link set lo up", "address add " + c.Address + "/32 dev lo", "route add " + c.Services + " dev lo src " + c.Address,
	} {
		if output, err := exec.Command("ip", strings.Fields(words)...).CombinedOutput(); err != nil {
			return fmt.Errorf("ip %s: %w: %s", words, err, output)
		}
	}
	if err := os.WriteFile("/proc/sys/net/ipv4/ip_forward", []byte("1"), 0o644); err != nil {
		return fmt.Errorf("let pods reach each other: %w", err)
	}
	return nil
}

// start runs a part of the node with its own log.
func start(config Config, parts map[int]string, name, program string, args ...string) error {
	log, err := os.OpenFile(filepath.Join(config.Log, name+".log"), os.O_CREATE|os.O_TRUNC|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("open the log of %s: %w", name, err)
	}
	defer log.Close()
	command := exec.Command(program, args...)
	command.Stdout, command.Stderr = log, log
	if name == "containerd" {
		command.Env = append(os.Environ(), config.uplink()...)
	}
	if err := command.Start(); err != nil {
		return fmt.Errorf("start %s: %w", name, err)
	}
	parts[command.Process.Pid] = name
	return nil
}

// load waits for containerd and imports the images. Those of an earlier start are not unpacked again.
func load(config Config) error {
	ctr := func(args ...string) error {
		output, err := exec.Command("ctr", append([]string{"--namespace", "k8s.io"}, args...)...).CombinedOutput()
		if err != nil {
			return fmt.Errorf("ctr %s: %w: %s", strings.Join(args, " "), err, output)
		}
		return nil
	}
	deadline := time.Now().Add(time.Minute)
	for err := ctr("version"); err != nil; err = ctr("version") {
		if time.Now().After(deadline) {
			return err
		}
		time.Sleep(100 * time.Millisecond)
	}
	for _, archive := range config.Archives {
		if err := ctr("images", "import", archive); err != nil {
			return err
		}
	}
	return nil
}

// reap collects the exit status of every process that ends on the node, until it is one of the node's parts.
func reap(parts map[int]string) error {
	for {
		var status syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &status, 0, nil)
		if errors.Is(err, syscall.EINTR) {
			continue
		}
		if err != nil {
			return fmt.Errorf("wait for the node's parts: %w", err)
		}
		if name, ok := parts[pid]; ok {
			return fmt.Errorf("%s has ended with status %d, see its log", name, status.ExitStatus())
		}
	}
}
