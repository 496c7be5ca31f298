// SPDX-License-Identifier: AGPL-3.0-or-later

package linkerd

import (
	"context"
	"encoding/json"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/picluster/tracing/modules/internal/compat"
	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/plan"
	"github.com/picluster/tracing/modules/internal/wait"
)

// pace is how often a rollout is looked at.
const pace = 2 * time.Second

// step is what a change does to the mesh.
type step interface {
	do(context.Context, *Module, Args) error
}

type (
	install struct {
		release helm.Release
		draft   draft
	}
	upgrade struct {
		release helm.Release
		draft   draft
	}
	uninstall    struct{ release helm.Release }
	awaitRollout struct{ have State }
)

// Apply does one change.
func (m *Module) Apply(ctx context.Context, args Args, change plan.Change) error {
	return change.Payload.(step).do(ctx, m, args)
}

func (s install) do(ctx context.Context, m *Module, args Args) error {
	chart, err := m.chart(ctx, args, State{Release: s.release})
	if err != nil {
		return err
	}
	client, err := m.helm(args, s.release.Namespace)
	if err != nil {
		return err
	}
	if err := m.ensure(ctx, s.release.Namespace); err != nil {
		return err
	}
	if err := m.keep(ctx, s.release, s.draft.record); err != nil {
		return err
	}
	return client.Settled(client.Install(ctx, helm.Deployment{Name: s.release.Name, Chart: chart, Values: s.draft.values, Description: "traces to Tempo", Timeout: args.Limit}))
}

// do writes the record before the values: a record of settings that are not
// there yet does no harm, settings without a record could never be taken away.
func (s upgrade) do(ctx context.Context, m *Module, args Args) error {
	client, err := m.helm(args, s.release.Namespace)
	if err != nil {
		return err
	}
	if s.draft.record != nil {
		if err := m.keep(ctx, s.release, s.draft.record); err != nil {
			return err
		}
	}
	if s.draft.differs(State{Release: s.release}) {
		err := client.Upgrade(ctx, helm.Deployment{Name: s.release.Name, Chart: s.release.Chart, Values: s.draft.values, Labels: s.release.Labels,
			Description: "traces to Tempo", MaxHistory: 10, Timeout: args.Limit})
		if err := client.Settled(err); err != nil {
			return err
		}
	}
	if s.draft.record == nil {
		return m.forget(ctx, s.release)
	}
	return nil
}

func (s uninstall) do(ctx context.Context, m *Module, args Args) error {
	client, err := m.helm(args, s.release.Namespace)
	if err != nil {
		return err
	}
	if s.release.Status != helm.Absent {
		if err := client.Uninstall(s.release.Name, args.Limit); err != nil {
			return err
		}
	}
	return m.forget(ctx, s.release)
}

// selectors find the workloads of the two ways
// (linkerd2 charts/linkerd-control-plane/templates, jaeger/charts/linkerd-jaeger/templates).
var selectors = map[compat.LinkerdWay]string{
	compat.LinkerdControlPlane: "linkerd.io/control-plane-component",
	compat.LinkerdExtension:    "linkerd.io/extension=jaeger",
}

func (s awaitRollout) do(ctx context.Context, m *Module, _ Args) error {
	namespace, looking := s.have.Release.Namespace, m.clients.Rollout()
	return wait.Until(ctx, "the rollout in namespace "+namespace, pace, func(ctx context.Context) (bool, string, error) {
		workloads, err := m.clients.Workloads(ctx, namespace, selectors[s.have.Generation.Way])
		if err != nil {
			return false, "", err
		}
		if len(workloads) == 0 {
			return false, "no workload with the label " + selectors[s.have.Generation.Way] + " is there", nil
		}
		return looking.Look(ctx, namespace, workloads)
	})
}

// ensure makes the namespace where it is missing.
func (m *Module) ensure(ctx context.Context, name string) error {
	found, err := m.objects.Get(ctx, kube.Ref{APIVersion: "v1", Kind: "Namespace", Name: name})
	if err != nil || found != nil {
		return err
	}
	_, err = m.objects.Apply(ctx, object("Namespace", "", name, nil), kube.Applying{Manager: kube.Manager})
	return err
}

func (m *Module) keep(ctx context.Context, release helm.Release, record *Record) error {
	text, err := json.Marshal(record)
	if err != nil {
		return fault.As(fault.Internal, "", "encode the record", err)
	}
	config := object("ConfigMap", release.Namespace, recordName(release), map[string]any{"record": string(text)})
	_, err = m.objects.Apply(ctx, config, kube.Applying{Manager: kube.Manager, Force: true})
	return err
}

// forget waits until the record is gone: one that is still there asks for the
// same again.
func (m *Module) forget(ctx context.Context, release helm.Release) error {
	return m.objects.Remove(ctx, kube.Ref{APIVersion: "v1", Kind: "ConfigMap", Namespace: release.Namespace, Name: recordName(release)}, false)
}

func object(kind, namespace, name string, data map[string]any) *unstructured.Unstructured {
	made := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1", "kind": kind,
		"metadata": map[string]any{"name": name, "labels": map[string]any{kube.ManagedByLabel: kube.Manager}},
	}}
	if namespace != "" {
		made.SetNamespace(namespace)
	}
	if data != nil {
		made.Object["data"] = data
	}
	return made
}
