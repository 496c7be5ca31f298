// SPDX-License-Identifier: AGPL-3.0-or-later

package tempohelm

import (
	"cmp"
	"strings"
	"time"

	"github.com/picluster/tracing/modules/internal/compat"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/prometheus"
	"github.com/picluster/tracing/modules/internal/s3secret"
	"github.com/picluster/tracing/modules/internal/secret"
	"github.com/picluster/tracing/modules/internal/tempobudget"
	"github.com/picluster/tracing/modules/internal/tempochart"
	"github.com/picluster/tracing/modules/internal/tempomode"
	"github.com/picluster/tracing/modules/internal/tempomove"
	"github.com/picluster/tracing/modules/internal/temporollout"
	"github.com/picluster/tracing/modules/internal/tempoverify"
)

// Spec is what is wanted: the options, and what they amount to.
type Spec struct {
	Args
	// Source is where the chart comes from; ChartName is what it is called, "" where
	// that cannot be told without reading it.
	Source    helm.Source
	ChartName string
	// Credentials is the Secret with the keys of the object storage. The salt of an
	// owned one is known when the live one has been read.
	Credentials s3secret.Credentials
}

// Spec checks the options against each other and against what is known of the
// versions that they name.
func (Module) Spec(args Args) (Spec, error) {
	args.Config = args.Completed()
	spec := Spec{Args: args, Source: args.source(), ChartName: chartName(args.chartRef()), Credentials: s3secret.Wanted(args.Release, args.S3)}
	if spec.absent() {
		return spec, nil
	}
	if err := cmp.Or(args.ValidateStorage(), args.Validate(args.Config)); err != nil {
		return spec, err
	}
	if spec.ChartName == "" || spec.Source.Local() || !helm.Exact(args.ChartVersion) {
		return spec, nil
	}
	return spec, tempochart.Validate(args.Config, helm.Chart{Name: spec.ChartName, Version: args.ChartVersion}, args.Values)
}

// modeOptions are those by which the mode is decided.
func (s Spec) modeOptions() tempomode.Options {
	return tempomode.Options{Mode: s.Mode, ChartRef: s.ChartRef, ChartVersion: s.ChartVersion, Config: s.Config}
}

// chosen is the spec with a choice for what it left open.
func (s Spec) chosen(choice tempomode.Choice) Spec {
	if choice.Resources != "" {
		s.Resources = choice.Resources
	}
	if choice.Mode == "" {
		return s
	}
	s.Mode, s.ChartVersion = choice.Mode, choice.Version
	s.Source, s.ChartName = s.source(), chartName(s.chartRef())
	return s
}

// within is the spec with the retention that the budget allows.
func (s Spec) within(room tempobudget.Decision) Spec {
	if room.Retention != "" {
		s.Retention = room.Retention
	}
	return s
}

// graphing is the spec with the metrics generator that the service graph needs.
func (s Spec) graphing(graph prometheus.Target) Spec {
	if !s.absent() {
		s.Config = s.WithServiceGraph(graph.WriteURL)
	}
	return s
}

// otherWork bounds everything but the waits.
const otherWork = 5 * time.Minute

// Timeout bounds the run: its waits, one after the other, what has to be stored
// first, and the rest.
func (s Spec) Timeout() time.Duration {
	return s.waits()*s.WaitTimeout + s.drainTime() + s.verifyTime() + otherWork
}

// drainTime is what a drain may take beside the other waits.
func (s Spec) drainTime() time.Duration {
	if s.absent() {
		return 0
	}
	return s.WaitTimeout
}

// verifyTime is what the Jobs of both kinds of images may take.
func (s Spec) verifyTime() time.Duration {
	if s.absent() || !s.VerifyJob {
		return 0
	}
	return 2 * tempoverify.Patience
}

// waits counts them: for the workloads, for a rollback where a change may be taken
// back, and for what is removed.
func (s Spec) waits() time.Duration {
	switch {
	case s.absent() && s.RemoveSpace, s.State == present && s.Atomic:
		return 2
	case s.State == present && !s.Wait:
		return 0
	}
	return 1
}

func (s Spec) absent() bool { return s.State == absent }

// rollout is what the wait for the workloads goes by.
func (s Spec) rollout() temporollout.Release {
	return temporollout.Release{Namespace: s.Namespace, Name: s.Release, Check: s.ReadyCheck, Timeout: s.WaitTimeout}
}

// moved is the release as package tempomove takes it.
func (s Spec) moved() tempomove.Release {
	return tempomove.Release{Namespace: s.Namespace, Name: s.Release, Strategy: s.Migrate, Atomic: s.Atomic, Timeout: s.WaitTimeout,
		Bucket: s.S3.Bucket, Prefix: s.S3.Prefix}
}

// lease is the name of the Lease that a run holds while it works on the release.
func (s Spec) lease() string { return "picluster-tracing-" + s.Release }

// caBundle is the CA that the options ask for, read from its file.
func (s Spec) caBundle() (s3secret.CA, error) {
	if s.S3.CACert == "" || s.absent() {
		return s3secret.CA{}, nil
	}
	return s3secret.ReadCA(s.caSecret(), "s3.ca_cert", s.S3.CACert)
}

// caSecret is the name of the Secret with the CA of the object storage.
func (s Spec) caSecret() string { return s.Release + "-s3-ca" }

// names reports whether the options can mean no other chart than this one.
func (s Spec) names(chart helm.Chart) bool {
	return helm.Exact(s.ChartVersion) && chart.Version == s.ChartVersion && chart.Name == s.ChartName && !s.Source.Local()
}

// hide takes the task's secrets out of a text that is stored in the cluster.
func (a Args) hide(text string) string {
	known := &secret.Redactor{}
	known.Add(append(secret.Within(a.Values), a.S3.SecretKey, a.RepoPassword, a.APIKey)...)
	return known.Text(text)
}

func (a Args) source() helm.Source {
	return helm.Source{Ref: a.chartRef(), Repository: a.ChartRepoURL, Version: a.ChartVersion, Username: a.RepoUsername, Password: a.RepoPassword,
		CAFile: a.RepoCACert, Insecure: a.RepoInsecure, PlainHTTP: a.PlainHTTP}
}

func (a Args) chartRef() string {
	switch {
	case a.ChartRef != "":
		return a.ChartRef
	case a.Mode == tempomode.Auto:
		return "" // known once the cluster has been asked
	}
	return tempomode.ChartOf(a.Mode)
}

// chartName is the chart that a reference names, or "" where that cannot be told
// without reading it.
func chartName(ref string) string {
	name, archive := strings.CutSuffix(ref[strings.LastIndex(ref, "/")+1:], ".tgz")
	if !archive {
		return name
	}
	for _, known := range []string{compat.TempoDistributed, compat.TempoMonolithic} {
		if version, ok := strings.CutPrefix(name, known+"-"); name == known || ok && helm.Exact(version) {
			return known
		}
	}
	return ""
}
