// SPDX-License-Identifier: AGPL-3.0-or-later

package node

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// namespaces are the node's own namespaces: of processes, network, mounts, shared memory.
const namespaces = syscall.CLONE_NEWPID | syscall.CLONE_NEWNET | syscall.CLONE_NEWNS | syscall.CLONE_NEWIPC

// The first process of the node is killed when the thread that started it ends. The main thread lives as long as the program.
func init() { runtime.LockOSThread() }

// Run is the node, seen from the machine, until the context ends. It must be called from the main goroutine.
func Run(ctx context.Context, config Config, file string) error {
	if err := Sweep(config.Dir); err != nil { // a previous node may have been killed
		return err
	}
	if err := makeGroups(Group(config.Dir)); err != nil {
		return err
	}
	first, err := begin(file)
	if err != nil {
		return errors.Join(err, Sweep(config.Dir))
	}
	ended := make(chan struct{})
	go func() {
		_ = first.Wait() // it has logged itself why it ended
		close(ended)
	}()
	err = serve(ctx, config, first.Process.Pid, ended)
	_ = first.Process.Kill() // it may have ended by itself
	<-ended
	return errors.Join(err, Sweep(config.Dir))
}

// begin starts the first process of the node and waits until its network exists.
func begin(file string) (*exec.Cmd, error) {
	reader, writer, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("start the node: %w", err)
	}
	defer reader.Close()
	first := exec.Command("/proc/self/exe", "inside", "--config", file)
	first.Stdout, first.Stderr, first.ExtraFiles = os.Stdout, os.Stderr, []*os.File{writer}
	first.SysProcAttr = &syscall.SysProcAttr{Cloneflags: namespaces, Pdeathsig: syscall.SIGKILL}
	err = first.Start()
	writer.Close()
	if err != nil {
		return nil, fmt.Errorf("start the node: %w", err)
	}
	if _, err := reader.Read(make([]byte, 1)); err != nil {
		_ = first.Process.Kill()
		return nil, errors.Join(errors.New("start the node: its first process ended"), first.Wait())
	}
	return first, nil
}

// serve opens the proxies between both networks and keeps them open until the node or the context ends.
func serve(ctx context.Context, config Config, pid int, ended chan struct{}) error {
	inner, err := openNetwork(pid, config.DNS)
	if err != nil {
		return err
	}
	failed := make(chan error, 3+len(config.Outward)+len(config.Inward))
	server := &http.Server{Handler: gate(inner.dial), ReadHeaderTimeout: 10 * time.Second}
	defer server.Close()
	for _, place := range [][2]string{{"tcp", config.Gate}, {"unix", Door(config.Dir)}} {
		listener, err := net.Listen(place[0], place[1])
		if err != nil {
			return fmt.Errorf("open the gate to the node: %w", err)
		}
		go func() { failed <- server.Serve(listener) }()
	}
	if err := openWays(config, inner, failed); err != nil {
		return err
	}
	if config.Uplink != "" {
		listener, err := inner.listen(net.JoinHostPort(config.Address, config.Uplink))
		if err != nil {
			return fmt.Errorf("open the way out of the node: %w", err)
		}
		out := &http.Server{Handler: gate(config.outside), ReadHeaderTimeout: 10 * time.Second}
		defer out.Close()
		go func() { failed <- out.Serve(listener) }()
	}
	select {
	case <-ctx.Done():
		return nil
	case err := <-failed:
		return err
	case <-ended:
		return errors.New("the node has ended")
	}
}

// outside connects from the machine, to the replacement address if there is one.
func (c Config) outside(ctx context.Context, kind, address string) (net.Conn, error) {
	return (&net.Dialer{}).DialContext(ctx, kind, cmp.Or(c.Names[address], address))
}

// openWays starts the forwarding of connections. It ends with this program.
func openWays(config Config, inner *network, failed chan error) error {
	for from, to := range config.Outward {
		listener, err := inner.listen(net.JoinHostPort(config.Address, from))
		if err != nil {
			return err
		}
		go func() {
			failed <- pass(listener, func(ctx context.Context) (net.Conn, error) { return (&net.Dialer{}).DialContext(ctx, "tcp", to) })
		}()
	}
	for from, to := range config.Inward {
		listener, err := net.Listen("tcp", from)
		if err != nil {
			return err
		}
		go func() {
			failed <- pass(listener, func(ctx context.Context) (net.Conn, error) {
				return inner.dial(ctx, "tcp", net.JoinHostPort(config.Address, to))
			})
		}()
	}
	return nil
}
