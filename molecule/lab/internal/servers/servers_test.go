// SPDX-License-Identifier: AGPL-3.0-or-later

package servers

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	sources "github.com/picluster/tracing/molecule/lab/charts"
	"github.com/picluster/tracing/molecule/lab/internal/certificates"
	"github.com/picluster/tracing/molecule/lab/internal/folder"
	"github.com/picluster/tracing/molecule/lab/internal/passwords"
	"github.com/picluster/tracing/molecule/lab/loki"
)

func TestEveryPackageOfAProgramIsAnInput(t *testing.T) {
	place, err := folder.Locate(t.TempDir(), workingFolder(t))
	require.NoError(t, err)
	for at, name := range map[int]string{2: programServices, 3: programNode, 4: programLoki} {
		program := Lab{Folder: place, Pods: true}.ProgramsToBuild()[at]
		require.Equal(t, name, program.Name)
		list := exec.Command("go", "list", "-deps", "-f", "{{if .Module}}{{if .Module.Main}}{{.Dir}}{{end}}{{end}}", program.Package)
		list.Dir = program.Dir
		raw, err := list.Output()
		require.NoError(t, err)
		dirs := strings.Fields(string(raw))
		require.NotEmpty(t, dirs)
		for _, dir := range dirs {
			require.True(t, below(dir, program.Inputs), "%s goes into %s, but a change there would not build it anew", dir, name)
		}
	}
}

func TestAPIOnlyLabHasNothingElse(t *testing.T) {
	lab := testLab(t)
	lab.APIOnly = true
	var names []string
	for _, server := range lab.Known() {
		names = append(names, server.Name)
	}
	require.Equal(t, []string{"etcd", "kube-apiserver"}, names)
	require.Len(t, lab.ProgramsToBuild(), 1, "they are one program")
}

func TestEveryTempoOfTheChartsHasAnImage(t *testing.T) {
	all, err := testLab(t).Images()
	require.NoError(t, err)
	image := all["tempo"]
	for _, version := range []string{"1.5.0", "2.7.2", "2.9.0", "2.10.5", "2.10.6", "2.10.7", "2.10.8", "3.0.3"} {
		require.Equal(t, []string{"/tempo", "-stand-in.version=" + version}, image.Others["docker.io/grafana/tempo:"+version])
	}
}

func TestEveryMemcachedOfTheChartsHasAnImage(t *testing.T) {
	all, err := testLab(t).Images()
	require.NoError(t, err)
	image := all["memcached"]
	require.Equal(t, "docker.io/library/memcached:1.5.17-alpine", image.Name)
	var want, named []string
	for _, version := range []string{"1.6.33", "1.6.39", "1.6.41", "1.6.43", "1.6.45"} {
		want = append(want, "docker.io/library/memcached:"+version+"-alpine")
		require.Equal(t, image.Entrypoint, image.Others[want[len(want)-1]])
	}
	require.NoError(t, fs.WalkDir(sources.Files, "tempo-distributed/layers", func(path string, _ fs.DirEntry, _ error) error {
		text, _ := fs.ReadFile(sources.Files, path) // of a folder nothing
		for _, tag := range regexp.MustCompile(`tag: (1\.6\.\d+-alpine)`).FindAllStringSubmatch(string(text), -1) {
			named = append(named, "docker.io/library/memcached:"+tag[1])
		}
		return nil
	}))
	slices.Sort(named)
	require.Equal(t, want, slices.Compact(named), "a chart names another one")
}

func TestServersListenOnLoopbackOnly(t *testing.T) {
	for _, server := range testLab(t).Known() {
		for _, argument := range server.Args {
			require.NotContains(t, argument, "0.0.0.0", server.Name)
			require.NotContains(t, argument, "[::]", server.Name)
		}
	}
}

func TestNoPasswordInArguments(t *testing.T) {
	for _, server := range testLab(t).Known() {
		require.NotContains(t, strings.Join(server.Args, " "), "CANARY", server.Name)
	}
}

func TestEachServerHasAStageAfterWhatItNeeds(t *testing.T) {
	require.Less(t, StageOf("etcd"), StageOf("kube-apiserver"))
	require.Less(t, StageOf("kube-apiserver"), StageOf("helm-controller"))
	require.Equal(t, Workers, StageOf("a server of an older lab"))
}

func TestAllListsTheInputsOfEachServer(t *testing.T) {
	lab := testLab(t)
	require.NoError(t, lab.Certificates.Ensure(time.Now(), Holders()))
	require.NoError(t, lab.WriteFiles())
	before, err := lab.All()
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(lab.stages(), []byte("other\n"), 0o600))
	after, err := lab.All()
	require.NoError(t, err)
	for i := range before {
		changed := before[i].Made != after[i].Made
		require.Equal(t, before[i].Name == "kwok", changed, before[i].Name)
	}
}

func TestGrafanaInTheClusterUsesItsSidecar(t *testing.T) {
	objects, err := testLab(t).GrafanaObjects()
	require.NoError(t, err)
	require.Len(t, objects, 2)
	var deployment struct {
		Spec struct {
			Template struct {
				Spec struct {
					Containers []struct {
						Env []struct{ Name, Value string }
					}
				}
			}
		}
	}
	require.NoError(t, yaml.Unmarshal(objects[1].Manifest, &deployment))
	containers := deployment.Spec.Template.Spec.Containers
	require.Len(t, containers, 2)
	env := map[string]string{}
	for _, variable := range containers[1].Env {
		env[variable.Name] = variable.Value
	}
	require.Contains(t, testLab(t).grafanaSidecar().Args, "--selector="+env["LABEL"]+"="+env["LABEL_VALUE"])
	require.Contains(t, testLab(t).grafanaSidecar().Args, "--namespace=monitoring")
}

func TestFilesWithKeysArePrivate(t *testing.T) {
	lab := testLab(t)
	require.NoError(t, lab.Certificates.Ensure(time.Now(), Holders()))
	require.NoError(t, lab.WriteFiles())
	for _, path := range []string{lab.Folder.Kubeconfig(), lab.KubeconfigOf(admin), lab.KubeconfigOf(scheduler)} {
		info, err := os.Stat(path)
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o600), info.Mode().Perm(), path)
	}
}

func TestNodes(t *testing.T) {
	objects, err := testLab(t).Basics()
	require.NoError(t, err)
	require.Len(t, objects, 4)
	labels := map[string]map[string]string{}
	for _, object := range objects[1:] {
		var node struct {
			Metadata struct {
				Name                string
				Labels, Annotations map[string]string
			}
		}
		require.NoError(t, yaml.Unmarshal(object.Manifest, &node))
		require.Equal(t, "/api/v1/nodes/"+node.Metadata.Name, object.Path)
		require.Equal(t, "arm64", node.Metadata.Labels["kubernetes.io/arch"])
		labels[node.Metadata.Name] = node.Metadata.Labels
	}
	require.Equal(t, "true", labels["pi1"]["node-role.kubernetes.io/control-plane"])
	require.NotContains(t, labels["pi2"], "node-role.kubernetes.io/control-plane")
	require.Contains(t, labels, "pi3")
}

func TestTraefik(t *testing.T) {
	lab := testLab(t)
	lab.Ports["charts"] = 20009
	chart, err := lab.Traefik("39.0.701+up39.0.7")
	require.NoError(t, err)
	require.Equal(t, "http://127.0.0.1:20009/traefik-39.0.701+up39.0.7.tgz", chart.ChartURL)
	var parsed struct {
		Spec struct{ Chart, ValuesContent string }
	}
	require.NoError(t, yaml.Unmarshal(chart.Manifest, &parsed))
	require.Equal(t, chart.ChartURL, parsed.Spec.Chart)
	require.NoError(t, yaml.Unmarshal([]byte(parsed.Spec.ValuesContent), &map[string]any{}))
}

// The Helm controller's pods belong to the runner: no stage of the nodes may touch them.
func TestStagesLeaveThePodsOfHelmChartsAlone(t *testing.T) {
	raw, err := manifests.ReadFile("manifests/stages.yaml")
	require.NoError(t, err)
	stages := 0
	for _, document := range bytes.Split(raw, []byte("\n---\n")) {
		var stage struct {
			Metadata struct{ Name string }
			Spec     struct {
				ResourceRef struct{ Kind string }
				Selector    struct {
					MatchExpressions []struct{ Key, Operator string }
				}
			}
		}
		require.NoError(t, yaml.Unmarshal(document, &stage))
		if stage.Spec.ResourceRef.Kind != "Pod" {
			continue
		}
		stages++
		last := stage.Spec.Selector.MatchExpressions[len(stage.Spec.Selector.MatchExpressions)-1]
		require.Equal(t, `.metadata.labels["helmcharts.helm.cattle.io/chart"]`, last.Key, stage.Metadata.Name)
		require.Equal(t, "DoesNotExist", last.Operator, stage.Metadata.Name)
	}
	require.Equal(t, 3, stages)
}

func testLab(t *testing.T) Lab {
	place := folder.Folder{Root: t.TempDir(), State: t.TempDir()}
	return Lab{
		Folder: place, Ports: map[string]int{}, Passwords: passwords.Passwords{Minio: "CANARY", Grafana: "CANARY"},
		Certificates: certificates.Store{Dir: filepath.Join(place.State, "certificates")},
		Programs:     map[string]string{programMinio: "1", programKubernetes: "2", programServices: "3"},
	}
}

func below(dir string, inputs []string) bool {
	for _, input := range inputs {
		if dir == input || strings.HasPrefix(dir, input+string(filepath.Separator)) {
			return true
		}
	}
	return false
}

func workingFolder(t *testing.T) string {
	dir, err := os.Getwd()
	require.NoError(t, err)
	return dir
}

func TestRealNodeHasASimulatedOneBesideIt(t *testing.T) {
	lab := testLab(t)
	lab.Pods = true
	objects, err := lab.Basics()
	require.NoError(t, err)
	nodes := map[string]string{}
	for _, object := range objects[1:] {
		nodes[object.Path] = string(object.Manifest)
	}
	require.Len(t, nodes, 2)
	require.NotContains(t, nodes["/api/v1/nodes/pi1"], "kwok", "its kubelet reports for it")
	require.NotContains(t, nodes["/api/v1/nodes/pi1"], "arm64", "its kubelet reports what it is")
	require.Contains(t, nodes["/api/v1/nodes/pi2"], "kwok.x-k8s.io/node: fake")
	require.Contains(t, nodes["/api/v1/nodes/pi2"], "effect: NoSchedule", "pods that can run must not be scheduled to it")
}

func TestPodObjectsHaveTheirPlaces(t *testing.T) {
	objects, err := testLab(t).PodObjects()
	require.NoError(t, err)
	paths := map[string]bool{}
	for _, object := range objects {
		paths[object.Path] = true
	}
	for _, path := range []string{
		"/apis/admissionregistration.k8s.io/v1beta1/mutatingadmissionpolicies/helm-jobs",
		"/apis/rbac.authorization.k8s.io/v1/clusterroles/system:coredns",
		"/api/v1/namespaces/kube-system/services/kube-dns",
		"/api/v1/namespaces/shop",
		"/apis/networking.k8s.io/v1/namespaces/shop/ingresses/shop",
		"/api/v1/namespaces/logging/services/loki-gateway",
	} {
		require.True(t, paths[path], path)
	}
}

// A pod whose image the node does not have would wait for a registry forever.
func TestEveryImageOfTheManifestsIsBuilt(t *testing.T) {
	lab := testLab(t)
	names := map[string]bool{}
	images, err := lab.Images()
	require.NoError(t, err)
	for _, image := range images {
		names[image.Name] = true
	}
	objects, err := lab.PodObjects()
	require.NoError(t, err)
	wanted := regexp.MustCompile(`image: (\S+)`)
	found := 0
	for _, object := range objects {
		for _, match := range wanted.FindAllSubmatch(object.Manifest, -1) {
			found++
			require.True(t, names[string(match[1])], "%s", match[1])
		}
	}
	require.Equal(t, 5, found)
	config, err := lab.nodeConfig()
	require.NoError(t, err)
	require.True(t, names[config.Pause])
}

// The image's name and the program have the same version.
func TestLokiHasTheVersionThatItReports(t *testing.T) { require.Equal(t, lokiVersion, loki.Version) }

func TestRealNodeReachesTheAPIServerByItsOwnAddress(t *testing.T) {
	lab := testLab(t)
	lab.Pods, lab.Ports["kube-apiserver"], lab.Ports["minio"] = true, 20001, 20002
	require.Equal(t, "https://10.0.0.11:20001", lab.loginOf(kubelet).URL)
	require.Equal(t, "https://127.0.0.1:20001", lab.loginOf(admin).URL)
	config, err := lab.nodeConfig()
	require.NoError(t, err)
	require.Equal(t, map[string]string{"20001": "127.0.0.1:20001", "20002": "127.0.0.1:20002"}, config.Outward)
}

func TestPodsPossibleNamesThePackages(t *testing.T) {
	none := func(string) (string, error) { return "", os.ErrNotExist }
	err := PodsPossible(none)
	if os.Geteuid() != 0 {
		require.EqualError(t, err, "pods cannot run here: a real node needs root")
		return
	}
	require.EqualError(t, err, "pods cannot run here: missing Debian packages: containernetworking-plugins containerd iproute2 iptables runc")
}
