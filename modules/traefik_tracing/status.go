// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/picluster/tracing/modules/internal/compat"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/overlay"
	"github.com/picluster/tracing/modules/internal/ownership"
	"github.com/picluster/tracing/modules/internal/secret"
)

// The ways to configure a Traefik, as option method names them.
const (
	methodConfig = "helmchartconfig"
	methodHelm   = "helm"
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
	// Sets are the keys that the HelmChart sets with the last word.
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
	Workload Workload
	// Proposal is what is to become of the values.
	Proposal Proposal

	// upgrade is what the Helm controller's last job came to.
	upgrade upgrade
	// tempo is the Tempo in the cluster, read where the task names no receivers.
	tempo tempoRelease
	// release is the Helm release, source the HelmChart behind it.
	release helm.Release
	source  *kube.HelmChart
	// newest is the newest revision of a Helm release, which may have failed.
	newest helm.Release
}

// Observe finds the Traefik, reads its values, its workload and, unless the task
// says where spans go, the Services of Tempo, and makes the proposal.
func (c *client) Observe(ctx context.Context, spec Spec) (status Status, err error) {
	traefik, err := c.find(ctx, spec)
	if !spec.Required && errors.Is(err, errNoTraefik) {
		return Status{Missing: err}, nil
	}
	if err != nil {
		return Status{}, err
	}
	status, err = c.read(ctx, traefik)
	status.learn(ctx)
	if err != nil {
		return Status{}, err
	}
	c.field = traceIDField(spec, status)
	if spec.findsTempo() {
		if status.tempo, err = c.tempo(ctx, spec); err != nil {
			return Status{}, err
		}
	}
	status.upgrade = c.lastUpgrade(ctx, spec, status)
	status.Proposal = status.proposal(spec)
	if status.Proposal.Err != nil || !status.Proposal.differs() {
		return status, nil // the plan tells why, and there is nothing to render
	}
	status.Proposal.dryRun = c.dryRun(ctx, spec, status)
	if spec.Method == methodHelm && !status.Owner.Foreign() {
		status.Owner, err = c.cluster.ReleaseOwner(ctx, status.Namespace, status.Name)
	}
	return status, err
}

// learn hides the secrets among the values, which the chart may quote.
func (s Status) learn(ctx context.Context) {
	for _, values := range []any{s.Text, s.Lower, s.Higher, s.Workload.Args} {
		secret.Learn(ctx, secret.Within(values)...)
	}
	for _, set := range s.Sets {
		secret.Learn(ctx, secret.Within(map[string]any{set.key: set.value})...)
	}
}

func (c *client) read(ctx context.Context, traefik candidate) (Status, error) {
	status := Status{Method: traefik.method, Name: traefik.name, Namespace: traefik.namespace}
	if traefik.workload != nil {
		status.Workload = *traefik.workload
	}
	if traefik.method == methodHelm {
		return c.readRelease(ctx, status)
	}
	return c.readConfig(ctx, status, traefik.chart)
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
		tags = append(tags, text(values, "image", "tag"))
	}
	tags = append(tags, text(s.Lower, "image", "tag"), tagOf(s.Workload.Image))
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
