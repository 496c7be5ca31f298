// SPDX-License-Identifier: AGPL-3.0-or-later

package inventory

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/secret"
)

// Drift is an object of the release that somebody changed or deleted outside
// Helm.
type Drift struct {
	// Object is its path: "deployment/tempo-distributor".
	Object string
	// Missing is true when it is gone.
	Missing bool
	// Fields are the chart's that differ: what they are and would be.
	Fields map[string][2]any

	// Manifest is the object in the release, Patch what corrects it.
	Manifest helm.Object
	Patch    kube.Patch
}

// Drift compares a release's manifests with the live objects. A difference found
// here is checked by a dry run, so that what is only written differently does not
// count. Kinds that are not in Live are compared only with every, and checked for
// missing objects if a workload is gone.
func (l Live) Drift(ctx context.Context, cluster Cluster, manifests []helm.Object, every bool) (all []Drift, err error) {
	live, err := l.index()
	if err != nil {
		return nil, err
	}
	for _, manifest := range manifests {
		if !listed(manifest.Kind) && !every {
			continue
		}
		found, err := compare(ctx, cluster, manifest, live[manifest.Path()])
		if err != nil {
			return nil, err
		}
		if found != nil {
			all = append(all, *found)
		}
	}
	if every || !slices.ContainsFunc(all, Drift.LostWorkload) {
		return all, nil
	}
	more, err := missing(ctx, cluster, manifests)
	return append(all, more...), err
}

// missing lists what is gone of the kinds that are not in Live.
func missing(ctx context.Context, cluster Cluster, manifests []helm.Object) (all []Drift, err error) {
	for _, manifest := range manifests {
		if listed(manifest.Kind) {
			continue
		}
		live, err := cluster.Get(ctx, RefOf(manifest))
		if err != nil {
			return nil, err
		}
		if live == nil {
			all = append(all, Drift{Object: manifest.Path(), Missing: true, Manifest: manifest})
		}
	}
	return all, nil
}

// compare returns how a live object differs from its manifest, nil when it does
// not. live is nil if it has not been read yet.
func compare(ctx context.Context, cluster Cluster, manifest helm.Object, live *unstructured.Unstructured) (_ *Drift, err error) {
	wanted := &unstructured.Unstructured{Object: manifest.Content}
	if live == nil {
		if live, err = cluster.Get(ctx, RefOf(manifest)); err != nil {
			return nil, err
		}
	}
	if live == nil {
		return &Drift{Object: manifest.Path(), Missing: true, Manifest: manifest}, nil
	}
	patch, err := kube.ThreeWay(wanted, wanted, live)
	if err != nil || patch.Empty() {
		return nil, err
	}
	would, err := cluster.DryRunPatch(ctx, patch, helm.Manager)
	if err != nil {
		return nil, err
	}
	fields := kube.Differences(live, would)
	if len(fields) == 0 {
		return nil, nil
	}
	return &Drift{Object: manifest.Path(), Fields: fields, Manifest: manifest, Patch: patch}, nil
}

// RefOf names an object of a manifest.
func RefOf(object helm.Object) kube.Ref {
	return kube.Ref{APIVersion: object.APIVersion, Kind: object.Kind, Namespace: object.Namespace, Name: object.Name}
}

// Names are the fields that differ, sorted.
func (d Drift) Names() []string { return slices.Sorted(maps.Keys(d.Fields)) }

// LostWorkload reports whether a workload is gone.
func (d Drift) LostWorkload() bool { return d.Missing && isWorkload(d.Manifest.Kind) }

// InOrder sorts workloads last, since their pods need the rest.
func InOrder(all []Drift) []Drift {
	rank := func(d Drift) int {
		if isWorkload(d.Manifest.Kind) {
			return 1
		}
		return 0
	}
	slices.SortStableFunc(all, func(a, b Drift) int { return cmp.Compare(rank(a), rank(b)) })
	return all
}

// String names the object and its fields.
func (d Drift) String() string {
	if d.Missing {
		return d.Object + " (missing)"
	}
	return d.Object + " (" + strings.Join(d.Names(), ", ") + ")"
}

// Before and After show the fields as they are and as they would be.
func (d Drift) Before() map[string]any { return d.side(0) }

// After see Before.
func (d Drift) After() map[string]any { return d.side(1) }

func (d Drift) side(which int) map[string]any {
	shown := map[string]any{}
	for name, values := range d.Fields {
		shown[name] = values[which]
		if d.Manifest.Kind == "Secret" {
			shown[name] = []string{secret.Before, secret.After}[which]
		}
	}
	return shown
}

// Redacted is the missing object as the diff shows it.
func (d Drift) Redacted() any {
	content := map[string]any{}
	maps.Copy(content, d.Manifest.Content)
	if d.Manifest.Kind == "Secret" {
		content["data"], content["stringData"] = secret.Hidden, nil
	}
	return secret.Masked(content)
}
