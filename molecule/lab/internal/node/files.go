// SPDX-License-Identifier: AGPL-3.0-or-later

package node

import (
	"bytes"
	"embed"
	"fmt"
	"path/filepath"
	"text/template"

	"github.com/picluster/tracing/molecule/lab/internal/folder"
)

//go:embed files
var files embed.FS

// writeFiles writes the files that the node's parts read at startup.
func (c Config) writeFiles() error {
	for _, name := range []string{"containerd.toml", "kubelet.yaml", "kube-proxy.yaml", "resolv.conf"} {
		parsed, err := template.ParseFS(files, "files/"+name)
		if err != nil {
			return fmt.Errorf("read the node's file %s: %w", name, err)
		}
		var text bytes.Buffer
		if err := parsed.Execute(&text, c); err != nil {
			return fmt.Errorf("fill in the node's file %s: %w", name, err)
		}
		if err := folder.WriteFile(c.file(name), text.Bytes(), 0o600); err != nil {
			return err
		}
	}
	if err := c.writeMirror(); err != nil {
		return err
	}
	// containerd fills this one in, once the node has its pod CIDR.
	network, err := files.ReadFile("files/cni.json")
	if err != nil {
		return fmt.Errorf("read the node's file cni.json: %w", err)
	}
	return folder.WriteFile(c.file("cni.json"), network, 0o600)
}

// writeMirror configures in containerd the registry that replaces all others (containerd, docs/hosts.md).
func (c Config) writeMirror() error {
	if c.Mirror == "" {
		return nil
	}
	text := fmt.Sprintf("server = %q\n[host.%q]\n  capabilities = [\"pull\", \"resolve\"]\n", c.Mirror, c.Mirror)
	return folder.WriteFile(filepath.Join(c.file("registries"), "_default", "hosts.toml"), []byte(text), 0o600)
}

// uplink is containerd's environment for connections out of the node; addresses on the node are reached directly.
func (c Config) uplink() []string {
	if c.Uplink == "" {
		return nil
	}
	proxy := "http://" + c.Address + ":" + c.Uplink
	return []string{"HTTP_PROXY=" + proxy, "HTTPS_PROXY=" + proxy, "NO_PROXY=10.0.0.0/8,127.0.0.0/8"}
}

// Group is the control group of all pods of this node.
func (c Config) Group() string { return "/" + Group(c.Dir) }

// kubelet is the command line of the kubelet: the options that its file cannot have.
func (c Config) kubelet() []string {
	return []string{
		"kubelet", "--config=" + c.file("kubelet.yaml"), "--kubeconfig=" + c.Kubelet, "--hostname-override=" + c.Name, "--node-ip=" + c.Address,
		"--root-dir=/run/kubelet", "--cert-dir=/run/kubelet/pki",
	}
}
