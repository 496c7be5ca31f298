// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/picluster/tracing/modules/internal/compat"
	"github.com/picluster/tracing/modules/internal/discovery"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/helmjob"
	"github.com/picluster/tracing/modules/internal/inventory"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/overlay"
	"github.com/picluster/tracing/modules/internal/ownership"
	"github.com/picluster/tracing/modules/internal/traefikchart"
	"github.com/picluster/tracing/modules/internal/traefikfind"
)

// The ways to configure a Traefik, as option method names them.
const (
	methodConfig = traefikfind.HelmConfig
	methodHelm   = traefikfind.Helm
)

// Status is the Traefik as it was observed, and what is to become of it.
type Status struct {
	Method, Name, Namespace string
	// Missing says that there is no Traefik, where that is no error. Nothing else
	// is set then.
	Missing error
	// Chart is the chart's version, from its URL or from the workload's label.
	Chart string
	// Text are the values that the user owns and that are changed, as YAML.
	Text string
	// Lower are the values below them, Higher those that win over them.
	Lower, Higher map[string]any
	// Sets are the keys of spec.set of the HelmChart, which win over all values.
	Sets []set
	// Exists is whether the object that holds Text exists; ResourceVersion is its
	// version.
	Exists          bool
	ResourceVersion string
	FailurePolicy   string
	// Record tells what this module has set before, nil when nothing.
	Record *ownership.Record
	// Owner is the manifest file or the object of a GitOps tool that puts Text back.
	Owner    kube.Owner
	Workload traefikfind.Workload
	// Proposal is what is to become of the values.
	Proposal Proposal

	// umbrella is the chart of the release, where Traefik's is a subchart of it.
	umbrella traefikfind.Umbrella
	// upgrade is what the Helm controller's last job came to.
	upgrade upgrade
	// tempo is the Tempo in the cluster, read where the task names no receivers.
	tempo discovery.Tempo
	// loki is the Loki in the cluster, read where the task does not say where the
	// access log goes by OTLP.
	loki traefikchart.Loki
	// release is the Helm release, source the HelmChart behind it.
	release helm.Release
	source  *kube.HelmChart
	// newest is the newest revision of a Helm release, which may have failed, or was left
	// pending by a run of this module that died.
	newest helm.Release
}

// Proposal is what is to become of the values that were found.
type Proposal struct {
	// Err is why there can be none.
	Err error
	// Text and Values are the new values, as text and tree.
	Text   string
	Values map[string]any
	// FailurePolicy is the new one, "" to leave it to the cluster.
	FailurePolicy string
	// Record is nil when nothing is owned any more; Delete asks for the removal of
	// the object that was made here and would be empty.
	Record *ownership.Record
	Delete bool
	// Before and After are the owned values that differ, by name. They are not
	// masked.
	Before, After map[string]any
	// Lost are comments that cannot be kept.
	Lost []string

	// target and entries are what is set; with state absent there are none.
	target traefikchart.Target
	// before are the values as YAML without what this module has set.
	before  string
	entries []overlay.Setting
	// dryRun is what Helm makes of the new values.
	dryRun dryRun
}

// dryRun is what Helm would make of the new values. The zero dryRun was not made,
// since there is nothing to change.
type dryRun struct {
	done bool
	// refusal is why the chart, the API server or Tempo does not take the values.
	refusal error
	// skipped says why nothing could be rendered, unsure why it is not known whether
	// Tempo takes the spans.
	skipped, unsure error
	args            []string
	env             map[string]string
	// verdict is what the API server says to what this module itself writes: the objects of
	// a Helm release, or the HelmChartConfig. What the Helm controller writes is its own.
	verdict inventory.Verdict
}

// upgrade is what the Helm controller's last job for a HelmChart came to.
type upgrade struct {
	job helmjob.Job
	// state and reason sum it up.
	state  upgradeState
	reason string
	// retry is whether this cluster's HelmChartConfig takes the policy retry; it is
	// known where the API server describes the kind.
	retry, known bool
}

// upgradeState says in a word how the last upgrade went.
type upgradeState string

const (
	// upgradeNone: it went well, or has not ended yet.
	upgradeNone upgradeState = ""
	// upgradeUnknown: the job could not be read.
	upgradeUnknown upgradeState = "unknown"
	// upgradeFailing: the job fails and is started again; Traefik runs with the
	// previous values.
	upgradeFailing upgradeState = "failing"
	// upgradeFailed: the release is failed. Under failurePolicy abort the
	// controller no longer upgrades it, whatever the values say, and under retry
	// not until they change (k3s-io/klipper-helm, entry, helm_update).
	upgradeFailed upgradeState = "failed"
)

// set is a key of spec.set, with how the controller hands it to Helm.
type set struct {
	key, value string
	plain      bool
}

// String names what holds the values.
func (s Status) String() string {
	kind := "HelmChartConfig"
	if s.Method == methodHelm {
		kind = "Helm release"
	}
	return fmt.Sprintf("%s %s/%s", kind, s.Namespace, s.Name)
}

// release is a version of Traefik and how it is known.
type release struct {
	Number   string
	Floating bool
}

// version tells which Traefik will run with the settings: what the user says,
// else the image tag from the values, else the image that runs. The first that
// is given decides, even where it tells no version.
func (s Status) version(spec Spec) release {
	tags := []string{spec.Version, spec.ImageTag}
	if values, err := overlay.Parse(s.Text); err == nil {
		tags = append(tags, overlay.Text(values, "image", "tag"))
	}
	tags = append(tags, overlay.Text(s.Lower, "image", "tag"), tagOf(s.Workload.Image))
	number, floating, _ := compat.TraefikRelease(cmp.Or(tags...))
	return release{number, floating}
}

// traceIDField is the field of the Traefik that was found, "" when its version
// is not known or it writes none. No Tempo is needed to know it.
func traceIDField(spec Spec, status Status) string {
	if spec.absent() {
		return ""
	}
	version, err := compat.TraefikFor(status.version(spec).Number)
	if err != nil {
		return ""
	}
	return version.TraceIDField
}

// arguments are those that Traefik is going to have, as far as that is known.
func (s Status) arguments() []string {
	if len(s.Proposal.dryRun.args) > 0 {
		return s.Proposal.dryRun.args
	}
	return s.Workload.Args
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
