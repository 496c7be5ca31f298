// SPDX-License-Identifier: AGPL-3.0-or-later

package kube

import (
	"cmp"
	"context"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/picluster/tracing/modules/internal/fault"
)

// Owner is a tool that keeps an object as defined in a Git repository or a
// file, and so reverts anybody else's changes. The zero value is nobody.
type Owner struct {
	// Name is its kind and its name: "Flux' HelmRelease flux-system/tempo".
	Name string
	// Place is where its settings are defined, after "in" or "into": "spec.values
	// of that HelmRelease".
	Place string
}

// Foreign reports whether there is such an owner.
func (o Owner) Foreign() bool { return o.Name != "" }

// Refusal is the error, of kind Conflict, for a change of thing that the owner
// would undo. What is put there instead, such as "the values"; override is the
// option that forces the change, such as "force: true".
func (o Owner) Refusal(thing, what, override string) error {
	return fault.New(fault.Conflict, "put "+what+" into "+o.Place+", or set "+override+" to change it anyway",
		"%s belongs to %s, which would undo the change", thing, o.Name)
}

// OwnerOf finds the GitOps tool's object that an object belongs to, by its
// labels, annotations and managed fields.
func OwnerOf(object meta.Object) Owner {
	for _, mark := range marks {
		if name := mark.read(object); name != "" {
			return Owner{Name: mark.kind + " " + name, Place: mark.place}
		}
	}
	return Owner{}
}

// FirstOwner is the owner of the first of several objects that has one.
func FirstOwner[T any, P interface {
	*T
	meta.Object
}](objects []T) Owner {
	for i := range objects {
		if owner := OwnerOf(P(&objects[i])); owner.Foreign() {
			return owner
		}
	}
	return Owner{}
}

// mark is how a tool marks its objects.
type mark struct {
	kind, place string
	// read returns the name of the tool's object, "" without the mark.
	read func(meta.Object) string
}

const inGit = "the Git repository of that "

// marks lists them, the direct owner first: an object of a HelmRelease may
// carry the marks of the Kustomization that created the HelmRelease.
var marks = []mark{
	// fluxcd/helm-controller, internal/postrender/origin_labels.go
	{"Flux' HelmRelease", "spec.values of that HelmRelease", byLabels("helm.toolkit.fluxcd.io")},
	// fluxcd/kustomize-controller, internal/controller/kustomization_controller.go (ssa.SetOwnerLabels)
	{"Flux' Kustomization", inGit + "Kustomization", byLabels("kustomize.toolkit.fluxcd.io")},
	// controlplaneio-fluxcd/flux-operator, docs/api/v1/resourceset.md
	{"Flux' ResourceSet", inGit + "ResourceSet", byLabels("resourceset.fluxcd.controlplane.io")},
	// Argo CD documentation, user-guide/resource_tracking
	{"Argo CD's Application", inGit + "Application", argoApplication},
	// carvel-dev/kapp, documentation, apply: the label's value is the app's number
	{"kapp's app with the label kapp.k14s.io/app", "the files that kapp deploys", kappApp},
	// rancher/fleet, internal/helmdeployer/postrender.go: a set of objects without owner
	{"Rancher Fleet's Bundle", inGit + "Bundle", fleetBundle},
	// rancher/wrangler, pkg/apply/desiredset_apply.go
	{"k3s' AddOn", "its manifest file in k3s' auto-deploy folder", addon},
}

// byLabels reads the name and namespace of a tool's object from a pair of labels.
func byLabels(prefix string) func(meta.Object) string {
	return func(object meta.Object) string {
		labels := object.GetLabels()
		name, namespace := labels[prefix+"/name"], labels[prefix+"/namespace"]
		if name == "" || namespace == "" {
			return name
		}
		return namespace + "/" + name
	}
}

// argoApplication is the name of the Application behind an object. Argo CD tracks
// by an annotation, by the label set as application.instanceLabelKey, or by
// app.kubernetes.io/instance. Most charts set that last label, so it counts only
// if Argo CD has written to the object, as does any other label, whose name cannot
// be known.
func argoApplication(object meta.Object) string {
	const group = "argocd.argoproj.io/"
	tracked, _, _ := strings.Cut(object.GetAnnotations()[group+"tracking-id"], ":")
	name := cmp.Or(tracked, object.GetAnnotations()[group+"instance"], object.GetLabels()[group+"instance"])
	if name == "" && slices.ContainsFunc(object.GetManagedFields(), byArgo) {
		name = cmp.Or(object.GetLabels()[InstanceLabel], "whose name the object does not give")
	}
	return name
}

// byArgo recognises Argo CD among an object's field managers: argocd-controller
// applies, argocd-application-controller reconciles roles
// (https://github.com/argoproj/argo-cd/issues/20815).
func byArgo(entry meta.ManagedFieldsEntry) bool {
	return entry.Subresource == "" && (entry.Manager == "argocd" || strings.HasPrefix(entry.Manager, "argocd-"))
}

func kappApp(object meta.Object) string { return object.GetLabels()["kapp.k14s.io/app"] }

// objectSet begins the annotations with which Rancher's tools mark their objects.
const objectSet = "objectset.rio.cattle.io/"

// fleetBundle is the ID under which Fleet's agent deploys a Bundle: a prefix and its
// name. What others deploy as a set has an owner.
func fleetBundle(object meta.Object) string {
	annotations := object.GetAnnotations()
	if _, owned := annotations[objectSet+"owner-gvk"]; owned {
		return ""
	}
	return annotations[objectSet+"id"]
}

// addon is the name of k3s' AddOn, which represents a manifest file.
func addon(object meta.Object) string {
	const prefix = objectSet + "owner-"
	annotations := object.GetAnnotations()
	if annotations[prefix+"gvk"] != "k3s.cattle.io/v1, Kind=Addon" {
		return ""
	}
	return annotations[prefix+"name"]
}

// ReleaseOwner is the HelmChart by which k3s' Helm controller manages a Helm
// release: it has the release's name. It is nobody if there is none or this user
// may not list them.
func (c Clients) ReleaseOwner(ctx context.Context, namespace, release string) (Owner, error) {
	client, err := c.HelmCharts()
	if err != nil {
		return Owner{}, err
	}
	charts, err := client.List(ctx)
	if apierrors.IsForbidden(err) {
		return Owner{}, nil
	}
	return chartBehind(charts, namespace, release), err
}

// unmanaged makes the Helm controller leave a HelmChart alone
// (k3s-io/helm-controller, pkg/controllers/chart/chart.go, AnnotationUnmanaged).
const unmanaged = "helmcharts.helm.cattle.io/unmanaged"

func chartBehind(charts []HelmChart, namespace, release string) Owner {
	for _, chart := range charts {
		if _, left := chart.Annotations[unmanaged]; left {
			continue
		}
		if chart.Name == release && cmp.Or(chart.Spec.TargetNamespace, chart.Namespace) == namespace {
			return Owner{Name: "k3s' HelmChart " + chart.Namespace + "/" + chart.Name, Place: "a HelmChartConfig of the same name"}
		}
	}
	return Owner{}
}
