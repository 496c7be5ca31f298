// SPDX-License-Identifier: AGPL-3.0-or-later

package node

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
)

func TestStateMustNotLieWhereTheNodeHasItsOwnFolders(t *testing.T) {
	cases := map[string]struct{ reason, dir, want string }{
		"home":    {"the machine's", "/home/me/lab/data/node", ""},
		"run":     {"hidden from the node", "/run/lab/data/node", "the node has a /run of its own"},
		"library": {"hidden from the node", "/var/lib/ci/lab/data/node", "the node has a /var/lib of its own"},
		"like":    {"only the same prefix", "/var/library/node", ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			raw, err := json.Marshal(Config{Dir: c.dir})
			require.NoError(t, err)
			path := filepath.Join(t.TempDir(), "node.json")
			require.NoError(t, os.WriteFile(path, raw, 0o600))
			_, err = Read(path)
			if c.want == "" {
				require.NoError(t, err, c.reason)
				return
			}
			require.ErrorContains(t, err, c.want, c.reason)
		})
	}
}

func TestTwoLabsHaveSeparateGroupsAndSockets(t *testing.T) {
	require.NotEqual(t, Group("/a/node"), Group("/b/node"))
	first := Group("/a/node")
	require.Equal(t, first, Group("/a/node"))
	require.Less(t, len(Door("/a/very/deep/folder/node")), 108, "the kernel's limit for the name of a Unix socket")
}

func TestConfigurationOfKubernetesIsReadable(t *testing.T) {
	config := Config{Name: "pi1", Address: "10.0.0.11", Dir: t.TempDir(), DNS: "10.43.0.10", Pods: "10.42.0.0/16", Pause: "docker.io/lab/pause:1"}
	require.NoError(t, config.writeFiles())
	var kubelet struct {
		CgroupRoot string
		ClusterDNS []string
	}
	require.NoError(t, yaml.Unmarshal(readFile(t, config.file("kubelet.yaml")), &kubelet))
	require.Equal(t, "/"+Group(config.Dir), kubelet.CgroupRoot)
	require.Equal(t, []string{"10.43.0.10"}, kubelet.ClusterDNS)
	require.Contains(t, string(readFile(t, config.file("containerd.toml"))), `root = "`+config.Dir+`/containerd"`)
	require.True(t, json.Valid(readFile(t, config.file("cni.json"))))
	require.Contains(t, string(readFile(t, config.file("cni.json"))), "{{ .PodCIDR }}", "containerd fills this in")
}

func TestContainerdFindsItsRegistry(t *testing.T) {
	config := Config{Address: "10.0.0.11", Dir: t.TempDir()}
	require.NoError(t, config.writeFiles())
	require.NotContains(t, string(readFile(t, config.file("containerd.toml"))), "config_path")
	require.Empty(t, config.uplink())
	config.Mirror, config.Uplink = "http://registry.example", "3128"
	require.NoError(t, config.writeFiles())
	require.Contains(t, string(readFile(t, config.file("containerd.toml"))), `config_path = "`+config.Dir+`/registries"`)
	require.Equal(t, "server = \"http://registry.example\"\n[host.\"http://registry.example\"]\n  capabilities = [\"pull\", \"resolve\"]\n",
		string(readFile(t, filepath.Join(config.file("registries"), "_default", "hosts.toml"))))
	require.Equal(t, []string{"HTTP_PROXY=http://10.0.0.11:3128", "HTTPS_PROXY=http://10.0.0.11:3128", "NO_PROXY=10.0.0.0/8,127.0.0.0/8"}, config.uplink())
}

// The same proxy in the other direction: containerd asks it for names that only the machine can resolve.
func TestUplinkConnectsOutward(t *testing.T) {
	registry := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "a registry") }))
	defer registry.Close()
	config := Config{Names: map[string]string{"registry.example:443": registry.Listener.Addr().String()}}
	uplink := httptest.NewServer(gate(config.outside))
	defer uplink.Close()
	proxy, err := url.Parse(uplink.URL)
	require.NoError(t, err)
	client := registry.Client()
	client.Transport.(*http.Transport).Proxy = http.ProxyURL(proxy)
	client.Transport.(*http.Transport).TLSClientConfig.ServerName = "example.com" // of the test's certificate
	answer, err := client.Get("https://registry.example/v2/")
	require.NoError(t, err)
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	require.Equal(t, "a registry", string(raw))
}

func TestGateConnectsInward(t *testing.T) {
	inside := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, "inside "+r.URL.Path) }))
	defer inside.Close()
	outside := httptest.NewServer(gate((&net.Dialer{}).DialContext))
	defer outside.Close()
	proxy, err := url.Parse(outside.URL)
	require.NoError(t, err)
	client := &http.Client{Transport: &http.Transport{Proxy: http.ProxyURL(proxy)}}
	answer, err := client.Get(inside.URL + "/x")
	require.NoError(t, err)
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	require.Equal(t, "inside /x", string(raw))
	plain, err := http.Get(outside.URL + "/x")
	require.NoError(t, err)
	defer plain.Body.Close()
	require.Equal(t, http.StatusBadRequest, plain.StatusCode, "it is not a server of its own")
}

func TestGateTunnels(t *testing.T) {
	inside := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "inside") }))
	defer inside.Close()
	outside := httptest.NewServer(gate((&net.Dialer{}).DialContext))
	defer outside.Close()
	proxy, err := url.Parse(outside.URL)
	require.NoError(t, err)
	client := inside.Client()
	client.Transport.(*http.Transport).Proxy = http.ProxyURL(proxy)
	answer, err := client.Get(inside.URL)
	require.NoError(t, err)
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	require.Equal(t, "inside", string(raw))
}

func TestConnectionsAreProxiedUntilTheyEnd(t *testing.T) {
	target := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "target") }))
	defer target.Close()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	done := make(chan error)
	go func() {
		done <- pass(listener, func(ctx context.Context) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "tcp", target.Listener.Addr().String())
		})
	}()
	answer, err := http.Get("http://" + listener.Addr().String())
	require.NoError(t, err)
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	require.Equal(t, "target", string(raw))
	require.NoError(t, listener.Close())
	require.NoError(t, <-done)
}

func TestHierarchiesOfBothVersions(t *testing.T) {
	cases := map[string]struct {
		reason, mounts string
		want           []hierarchy
	}{
		"version 1": {
			"one for each controller, Debian 10", "tmpfs /sys/fs/cgroup tmpfs rw 0 0\ncgroup /sys/fs/cgroup/cpuset cgroup rw,cpuset 0 0\ncgroup /sys/fs/cgroup/pids cgroup rw,pids 0 0\n",
			[]hierarchy{{path: "/sys/fs/cgroup/cpuset"}, {path: "/sys/fs/cgroup/pids"}},
		},
		"version 2": {
			"a single one, Debian 11 and newer", "proc /proc proc rw 0 0\ncgroup2 /sys/fs/cgroup cgroup2 rw,nsdelegate 0 0\n",
			[]hierarchy{{path: "/sys/fs/cgroup", unified: true}},
		},
		"both": {
			"version 2 without the controllers that version 1 has", "cgroup /sys/fs/cgroup/cpu cgroup rw,cpu 0 0\ncgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0",
			[]hierarchy{{path: "/sys/fs/cgroup/cpu"}, {path: "/sys/fs/cgroup/unified", unified: true}},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) { require.Equal(t, c.want, parseMounts(c.mounts), c.reason) })
	}
}

func TestGroupHasTheControllersOfTheKubelet(t *testing.T) {
	cases := map[string]struct {
		reason        string
		unified       bool
		machine, want map[string]string
	}{
		"version 1": {
			"a new group has neither processors nor memory", false,
			map[string]string{"cpuset.cpus": "0-1", "cpuset.mems": "0"},
			map[string]string{"group/cpuset.cpus": "0-1", "group/cpuset.mems": "0"},
		},
		"version 1, another controller": {"there is nothing to delegate", false, map[string]string{"pids.max": "9"}, nil},
		"version 2": {
			"the kubelet's controllers, not those of others", true,
			map[string]string{"cgroup.controllers": "cpuset cpu io memory hugetlb pids rdma misc\n"},
			map[string]string{
				"cgroup.subtree_control":       "+cpuset +cpu +memory +hugetlb +pids",
				"group/cgroup.subtree_control": "+cpuset +cpu +memory +hugetlb +pids",
			},
		},
		"version 2, a kernel without huge pages": {
			"the kubelet does not require what the machine lacks", true,
			map[string]string{"cgroup.controllers": "cpuset cpu memory pids\n"},
			map[string]string{"group/cgroup.subtree_control": "+cpuset +cpu +memory +pids"},
		},
		"both": {
			"version 1 has the controllers", true,
			map[string]string{"cgroup.controllers": "\n"}, map[string]string{"group/cgroup.subtree_control": ""},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			top := t.TempDir()
			for file, text := range c.machine {
				require.NoError(t, os.WriteFile(filepath.Join(top, file), []byte(text), 0o600))
			}
			require.NoError(t, makeGroup(hierarchy{path: top, unified: c.unified}, "group"), c.reason)
			require.DirExists(t, filepath.Join(top, "group"))
			for file, text := range c.want {
				require.Equal(t, text, string(readFile(t, filepath.Join(top, file))), c.reason)
			}
		})
	}
}

func TestRemoveGroupStartsWithTheDeepest(t *testing.T) {
	top := filepath.Join(t.TempDir(), "group")
	require.NoError(t, os.MkdirAll(filepath.Join(top, "pods", "one"), 0o755))
	require.NoError(t, removeGroup(top))
	require.NoDirExists(t, top)
	require.NoError(t, removeGroup(top), "a missing group is not an error")
}

func readFile(t *testing.T, path string) []byte {
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	return raw
}
