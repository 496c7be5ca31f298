// SPDX-License-Identifier: AGPL-3.0-or-later

package tempohelm

import (
	"context"
	"maps"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/kube"
)

// The ways to treat drift.
const (
	driftIgnore  = "ignore"
	driftReport  = "report"
	driftCorrect = "correct"
)

// Drift is an object of the release that somebody changed or deleted behind
// Helm's back.
type Drift struct {
	// Object is its path: "deployment/tempo-distributor".
	Object string
	// Missing is true when it is gone.
	Missing bool
	// Fields of the chart's that differ: what they are and what they would be.
	Fields map[string][2]any

	manifest helm.Object
	patch    kube.Patch
}

// drift compares the release's manifest with the live objects. A difference
// that is found here is put to the API server as a dry run, so that what is only
// written differently does not count. Kinds that are not read anyway are looked
// at when drift is to be corrected, and for being absent when a workload is gone.
func (c *client) drift(ctx context.Context, spec Spec, status *Status) (err error) {
	if spec.absent() || !status.Proposal.Deployed {
		return nil
	}
	if status.Manifests, err = helm.Objects(status.Release.Manifest, spec.Namespace); err != nil || spec.Drift == driftIgnore {
		return err
	}
	live, err := status.Live.index()
	if err != nil {
		return err
	}
	for _, manifest := range status.Manifests {
		if !listed[manifest.Kind] && spec.Drift != driftCorrect {
			continue
		}
		found, err := c.compare(ctx, manifest, live[manifest.Path()])
		if err != nil {
			return err
		}
		if found != nil {
			status.Drift = append(status.Drift, *found)
		}
	}
	if spec.Drift == driftReport && slices.ContainsFunc(status.Drift, Drift.lostWorkload) {
		return c.missing(ctx, status)
	}
	return nil
}

// missing adds what is gone of the kinds that a report does not read.
func (c *client) missing(ctx context.Context, status *Status) error {
	for _, manifest := range status.Manifests {
		if listed[manifest.Kind] {
			continue
		}
		live, err := c.objects.Get(ctx, refOf(manifest))
		if err != nil {
			return err
		}
		if live == nil {
			status.Drift = append(status.Drift, Drift{Object: manifest.Path(), Missing: true, manifest: manifest})
		}
	}
	return nil
}

// compare returns how a live object differs from its manifest, nil when it does
// not. live is nil when it is not among those that were read.
func (c *client) compare(ctx context.Context, manifest helm.Object, live *unstructured.Unstructured) (_ *Drift, err error) {
	wanted := &unstructured.Unstructured{Object: manifest.Content}
	if live == nil {
		if live, err = c.objects.Get(ctx, refOf(manifest)); err != nil {
			return nil, err
		}
	}
	if live == nil {
		return &Drift{Object: manifest.Path(), Missing: true, manifest: manifest}, nil
	}
	patch, err := kube.ThreeWay(wanted, wanted, live)
	if err != nil || patch.Empty() {
		return nil, err
	}
	would, err := c.objects.DryRunPatch(ctx, patch, helm.Manager)
	if err != nil {
		return nil, err
	}
	fields := kube.Differences(live, would)
	if len(fields) == 0 {
		return nil, nil
	}
	return &Drift{Object: manifest.Path(), Fields: fields, manifest: manifest, patch: patch}, nil
}

func refOf(object helm.Object) kube.Ref {
	return kube.Ref{APIVersion: object.APIVersion, Kind: object.Kind, Namespace: object.Namespace, Name: object.Name}
}

// names are the fields that differ, sorted.
func (d Drift) names() []string { return slices.Sorted(maps.Keys(d.Fields)) }
