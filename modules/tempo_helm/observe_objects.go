// SPDX-License-Identifier: AGPL-3.0-or-later

package tempohelm

import (
	"context"
	"slices"
	"time"

	core "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/prometheus"
	"github.com/picluster/tracing/modules/internal/tempobudget"
	"github.com/picluster/tracing/modules/internal/tempochart"
	"github.com/picluster/tracing/modules/internal/tempomode"
	"github.com/picluster/tracing/modules/internal/tempomove"
)

// choose decides what the options leave open, from the nodes where neither they nor
// the release say. It does without the nodes if this user may not read them.
func (r *reader) choose(ctx context.Context, spec Spec, status *Status) (err error) {
	options := spec.modeOptions()
	if spec.absent() {
		return nil
	}
	if status.Nodes == nil && options.NeedNodes(status.Release) {
		if status.Nodes, err = r.cluster.Nodes(ctx); unlessForbidden(err) != nil {
			return err
		}
	}
	status.Choice = options.Choose(status.Release, tempomode.Nodes{All: status.Nodes, Hidden: err != nil})
	return nil
}

// live reads what the release made, or what exists under its name without it. The
// configuration is of interest only where it is compared.
func (r *reader) live(ctx context.Context, spec Spec, status *Status) (err error) {
	if status.Release.Status == helm.Absent && (spec.absent() || !status.Namespace.Found) {
		return nil
	}
	selector, live := kube.InstanceLabel+"="+spec.Release, &status.Live
	if live.Services, err = r.cluster.Services(ctx, spec.Namespace, selector); err != nil {
		return err
	}
	if live.Deployments, live.StatefulSets, err = r.cluster.WorkloadObjects(ctx, spec.Namespace, selector); err != nil {
		return err
	}
	if spec.Drift != driftIgnore && !spec.absent() {
		live.ConfigMaps, err = r.cluster.ConfigMaps(ctx, spec.Namespace, selector)
	}
	return err
}

// claims reads the volume claims that are to be removed with the release, and those that
// it will find again. StatefulSets leave them behind.
func (r *reader) claims(ctx context.Context, spec Spec, status *Status) error {
	if spec.absent() && !spec.RemoveVolumes || !spec.absent() && !spec.KeepsVolumes() {
		return nil
	}
	claims, err := r.cluster.Claims(ctx, spec.Namespace, kube.InstanceLabel+"="+spec.Release)
	if err != nil && !spec.absent() {
		return unlessForbidden(err) // a user who may not read them gets no warning about them
	}
	status.Claims = slices.DeleteFunc(claims, func(claim core.PersistentVolumeClaim) bool { return claim.DeletionTimestamp != nil })
	return err
}

// nodes reads the cluster's nodes when something is to be deployed on them. A
// user who may not read them is not warned about them.
func (r *reader) nodes(ctx context.Context, spec Spec, status *Status) (err error) {
	if status.Proposal.Manifest == "" || status.Nodes != nil {
		return nil
	}
	status.Nodes, err = r.cluster.Nodes(ctx)
	return unlessForbidden(err)
}

// pods reads those of the release: an upgrade replaces them, and one that was
// killed shows it for as long as it exists.
func (r *reader) pods(ctx context.Context, spec Spec, status *Status) (err error) {
	if spec.absent() || !status.Proposal.Upgrade {
		return nil
	}
	status.Pods, err = r.cluster.Pods(ctx, spec.Namespace, kube.InstanceLabel+"="+spec.Release)
	status.PodsHidden = err
	return unlessForbidden(err)
}

// move finds out whether the upgrade leaves anything behind, and asks the pods and
// the object storage about it.
func (r *reader) move(ctx context.Context, spec Spec, status *Status) error {
	proposal, from := status.Proposal, status.Release.Chart
	if spec.absent() || !proposal.Upgrade || proposal.Deployed || proposal.Refusal != nil || tempomode.Of(from.Name) == "" {
		return nil
	}
	move := tempomove.Between(spec.moved(), from, status.Pods, proposal.Chart, tempochart.Version(spec.Config, proposal.Chart))
	move.Hidden = status.PodsHidden
	move.Ask(ctx, r.cluster, status.Pods)
	if !spec.Local() {
		move.Look(ctx, func() (tempomove.Store, error) { return r.store(spec, proposal.keys(*status)) })
	}
	status.Move = &move
	return nil
}

// budgetTimeout bounds the look at the blocks.
const budgetTimeout = time.Minute

// budget looks at the blocks, where they have to fit into a budget.
func (r *reader) budget(ctx context.Context, spec Spec, status *Status) tempobudget.Decision {
	if spec.absent() || !spec.Set() {
		return tempobudget.Decision{}
	}
	ctx, cancel := context.WithTimeout(ctx, budgetTimeout)
	defer cancel()
	current := tempochart.RetentionIn(status.Release.Values)
	keys := Proposal{Credentials: spec.Credentials}.keys(*status)
	storage, err := r.store(spec, keys)
	if err != nil {
		return spec.Hidden(err, current, spec.Retention)
	}
	used, err := storage.Usage(ctx, spec.S3.Bucket, spec.S3.Prefix)
	if err != nil {
		return spec.Hidden(err, current, spec.Retention)
	}
	return spec.Decide(used, current, spec.Retention, status.ObservedAt)
}

// serviceGraph looks for the Prometheus that the service graph needs, once in a
// run.
func (r *reader) serviceGraph(ctx context.Context, spec Spec, status *Status) error {
	if spec.absent() || !spec.NeedsPrometheus() {
		return nil
	}
	if r.graph == nil {
		found, err := prometheus.Locate(ctx, r.cluster, spec.Prometheus)
		if err != nil {
			return err
		}
		r.graph = &found
	}
	status.Graph = *r.graph
	return nil
}

// unlessForbidden is the error of an optional read, nil where this user may
// not make it.
func unlessForbidden(err error) error {
	if apierrors.IsForbidden(err) {
		return nil
	}
	return err
}

// drift compares a release that is as it should be with the live objects.
func (r *reader) drift(ctx context.Context, spec Spec, status *Status) (err error) {
	if spec.absent() || !status.Proposal.Deployed {
		return nil
	}
	if status.Manifests, err = helm.Objects(status.Release.Manifest, spec.Namespace); err != nil || spec.Drift == driftIgnore {
		return err
	}
	status.Drift, err = status.Live.Drift(ctx, r.objects, status.Manifests, spec.Drift == driftCorrect)
	return err
}
