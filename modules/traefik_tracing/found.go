// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik

import (
	"cmp"
	"regexp"
	"strings"

	"github.com/picluster/tracing/modules/internal/compat"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/overlay"
)

// The ways to configure a Traefik, as option method names them.
const (
	methodConfig = "helmchartconfig"
	methodHelm   = "helm"
)

// Found is the Traefik that is there.
type Found struct {
	Method, Name, Namespace string
	// Chart is the chart's version, from its URL or from the workload's label.
	Chart string
	// Text are the values that the user owns and that are changed, as YAML.
	Text string
	// Lower are the values below them, Higher those that win over them.
	Lower, Higher map[string]any
	// Sets are the keys that the HelmChart sets with the last word.
	Sets []set
	// Exists is whether the object that holds Text exists; ResourceVersion is its
	// version.
	Exists          bool
	ResourceVersion string
	FailurePolicy   string
	// Record tells what this module has set before, nil when nothing.
	Record *Record
	// Owner is the manifest file or the object of a GitOps tool that puts Text back.
	Owner kube.Owner
	// Force is whether to change it all the same.
	Force    bool
	Workload Workload

	// last is the Helm controller's last job.
	last lastJob
	// tempo is the Tempo in the cluster, read where the task names no receivers.
	tempo tempoRelease
	// release is the Helm release, source the HelmChart behind it; they and the
	// preview are there for rendering.
	release helm.Release
	// newest is the newest revision of a Helm release, which may have failed.
	newest  helm.Release
	source  *kube.HelmChart
	preview preview
}

// Workload is the Deployment or DaemonSet that runs Traefik.
type Workload struct {
	Kind, Name, Namespace string
	// Release is "namespace/name" of the Helm release it belongs to, or "".
	Release string
	// Chart is the label helm.sh/chart: traefik-39.0.7.
	Chart string
	Image string
	Args  []string
	Env   map[string]string
	// Owner is the GitOps object behind it.
	Owner kube.Owner
	// Selector finds its pods, as a list takes it.
	Selector string
	// RolledOut is whether every pod runs the newest template.
	RolledOut bool

	// named is whether it bears the chart's own name, proxies whether its container
	// has entry points.
	named, proxies bool
}

func (w Workload) String() string { return strings.ToLower(w.Kind) + "/" + w.Namespace + "/" + w.Name }

// release is a version of Traefik and how it is known.
type release struct {
	Number   string
	Floating bool
}

// version tells which Traefik will run with the settings: what the user says,
// else the image tag from the values, else the image that runs. The first that
// is given decides, even where it tells no version.
func (f Found) version(want Settings) release {
	tags := []string{want.Version, want.ImageTag}
	if values, err := overlay.Parse(f.Text); err == nil {
		tags = append(tags, text(values, "image", "tag"))
	}
	tags = append(tags, text(f.Lower, "image", "tag"), tagOf(f.Workload.Image))
	number, floating, _ := compat.TraefikRelease(cmp.Or(tags...))
	return release{number, floating}
}

func text(values map[string]any, path ...string) string {
	value, _ := overlay.Get(values, path...)
	content, _ := value.(string)
	return content
}

// tagOf takes the tag from an image reference, whose registry may have a port.
func tagOf(image string) string {
	image, _, _ = strings.Cut(image, "@")
	colon := strings.LastIndex(image, ":")
	if colon < strings.LastIndex(image, "/") || colon < 0 {
		return ""
	}
	return image[colon+1:]
}

// archive finds name and version of a chart in the URL of its archive:
// https://.../traefik-39.0.701+up39.0.7.tgz, with the plus sign encoded or not.
var archive = regexp.MustCompile(`(?:^|/)traefik-(\d[^/]*)\.tgz$`)

// chartIn returns the version of the Traefik chart that a URL names, or "".
func chartIn(url string) string {
	match := archive.FindStringSubmatch(strings.ReplaceAll(url, "%2B", "+"))
	if match == nil {
		return ""
	}
	return match[1]
}

// labelVersion takes the version from a label helm.sh/chart.
func labelVersion(label string) string {
	return strings.ReplaceAll(strings.TrimPrefix(label, "traefik-"), "_", "+")
}
