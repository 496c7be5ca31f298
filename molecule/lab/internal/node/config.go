// SPDX-License-Identifier: AGPL-3.0-or-later

// Package node runs a cluster node with real pods in namespaces of its own: when its process ends, the kernel ends
// everything that ran on it, and its mounts, bridges and packet filters are gone.
package node

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Config describes the node and where its parts are; the lab writes it as a file.
type Config struct {
	// Name and Address are the node's in the cluster.
	Name, Address string
	// Dir is the folder of the node's data, Log that of its logs; both absolute.
	Dir, Log string
	// Program is Kubernetes in one program, for kubelet and kube-proxy.
	Program string
	// Kubelet and Proxy are the kubeconfigs of the two; Authority is the CA that clients of the kubelet are checked against.
	Kubelet, Proxy, Authority string
	// Archives are the node's images, Pause the name of the one that keeps a pod's namespaces.
	Archives []string
	Pause    string
	// Pods and Services are the networks, DNS the address of the cluster's name service.
	Pods, Services, DNS string
	// Gate is the loopback address of a proxy into the node's network.
	Gate string
	// Outward maps ports of the node's address to addresses of this machine, Inward the other way round.
	Outward, Inward map[string]string
	// Uplink is the port of the node's address with a proxy out of the node, for containerd to pull images; "" for none.
	// Names maps HOST:PORT to the address that the uplink uses instead, Mirror is the registry that replaces all others, if any.
	Uplink, Mirror string
	Names          map[string]string
}

// hidden are folders of the machine that the node replaces by its own. State must not be there.
var hidden = []string{"/run", "/var/lib", "/var/log", "/proc"}

// Read reads the file that the lab wrote.
func Read(path string) (Config, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return Config{}, fmt.Errorf("read what the node is: %w", err)
	}
	var config Config
	if err := json.Unmarshal(raw, &config); err != nil {
		return Config{}, fmt.Errorf("read what the node is: %w", err)
	}
	for _, folder := range hidden {
		if strings.HasPrefix(config.Dir, folder+"/") {
			return Config{}, fmt.Errorf("the node has a %s of its own, so the lab's state cannot be in %s: set LAB_DIR to another folder", folder, config.Dir)
		}
	}
	return config, nil
}

// Group is the control group of all pods of the node with that data folder.
func Group(dir string) string {
	sum := sha256.Sum256([]byte(dir))
	return "picluster-lab-" + hex.EncodeToString(sum[:4])
}

// Door is the second address of the gate, a Unix socket without a file: its path would be too long in a deep folder.
func Door(dir string) string { return "@" + Group(dir) }

// file is one of the node's own files.
func (c Config) file(name string) string { return filepath.Join(c.Dir, name) }
