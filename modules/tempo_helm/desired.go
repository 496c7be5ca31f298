// SPDX-License-Identifier: AGPL-3.0-or-later

package tempo

import (
	"time"

	core "k8s.io/api/core/v1"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/kube"
)

// State is what is wanted, or what was found.
type State struct {
	// args is what was asked for; only in what is wanted.
	args Args

	Namespace   Namespace
	Credentials Credentials
	Authority   Authority

	// The rest is only in what was found.

	// Release is the newest revision; its status is Absent when there is none.
	Release helm.Release
	// Target is what the options lead to: the chart and the values for it.
	Target Target
	// Live are the release's objects; Manifests are what its deployed revision made,
	// where that is what the options ask for.
	Live      Objects
	Manifests []helm.Object
	// Owner is the GitOps tool's object that keeps them, if any.
	Owner kube.Owner
	// Drift is how they differ from what the release made.
	Drift []Drift
	// Claims are the names of the volume claims to remove.
	Claims []string
	// Nodes are those of the cluster, where their number matters; Pods are those
	// of a release that is upgraded.
	Nodes []core.Node
	Pods  []core.Pod
	// Holder works on a release that is underway, or did until it died.
	Holder kube.Holder
	// Read is when all this was read.
	Read time.Time
}

// Namespace is the namespace of the release; labels and annotations are those
// that matter to the task.
type Namespace struct {
	Name  string
	Found bool
	// Going says that it is being deleted, and what holds it; nil when it is not.
	Going               error
	Labels, Annotations map[string]string
}

// Target is the revision that the options ask for.
type Target struct {
	Chart  helm.Chart
	Values map[string]any
	// Manifest is what it renders to; empty when it is deployed already.
	Manifest string
	// Upgrade is true when a release is there that is upgraded.
	Upgrade bool
	// Replace are objects that must be deleted and made anew, since Kubernetes
	// lets nobody change them in place as the chart does.
	Replace []Replacement
}

// Desired checks the options against each other and against what is known of
// the versions that they name.
func (m *Module) Desired(args Args) (_ State, err error) {
	want := State{args: args, Namespace: Namespace{Name: args.Namespace, Labels: args.NamespaceLabels, Annotations: args.NamespaceAnnotations}}
	if args.State == absent {
		return want, nil
	}
	if err := args.S3.check(); err != nil {
		return State{}, err
	}
	want.Credentials = args.credentials()
	if want.Authority, err = args.authority(); err != nil {
		return State{}, err
	}
	name := args.chartName()
	if name == "" || args.source().Local() || !helm.Exact(args.ChartVersion) {
		return want, nil
	}
	return want, refuse(args, helm.Chart{Name: name, Version: args.ChartVersion}, args.Values)
}

// check holds the options against each other.
func (s S3) check() error {
	keys := s.AccessKey != "" || !s.SecretKey.Empty()
	switch {
	case s.CACert != "" && s.Insecure:
		return fault.New(fault.Usage, "leave one of them out", "s3: ca_cert has no effect with insecure: true, by which Tempo speaks HTTP")
	case keys && s.ExistingSecret != "":
		return fault.New(fault.Usage, "", "s3: give either access_key and secret_key, or existing_secret")
	case s.ExistingSecret == "" && (s.AccessKey == "" || s.SecretKey.Empty()):
		return fault.New(fault.Usage, "", "s3: access_key and secret_key are both required unless existing_secret is given")
	}
	return nil
}
