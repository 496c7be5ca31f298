// SPDX-License-Identifier: AGPL-3.0-or-later

package tempohelm

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/inventory"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/plan"
	"github.com/picluster/tracing/modules/internal/s3secret"
)

// observed is a release as it should be, after a change.
func observed(t *testing.T, change func(*Status)) Status {
	t.Helper()
	spec, err := Module{}.Spec(asked(nil))
	require.NoError(t, err)
	keys := spec.Credentials.Salted(s3secret.Credentials{}, "salt")
	chart := helm.Chart{Name: "tempo-distributed", Version: "2.26.2", AppVersion: "2.10.7"}
	status := Status{
		Namespace: Namespace{Found: true}, Credentials: keys,
		Release:  helm.Release{Name: "tempo", Namespace: "tracing", Revision: 1, Status: helm.Deployed, Chart: chart},
		Proposal: Proposal{Chart: chart, Credentials: keys, Deployed: true, Upgrade: true},
	}
	if change != nil {
		change(&status)
	}
	return status
}

// firstInstall is a cluster without Tempo.
func firstInstall(status *Status) {
	proposal := status.Proposal
	proposal.Deployed, proposal.Upgrade = false, false
	*status = Status{Proposal: proposal}
}

// upgraded is a release whose values differ from what the options ask for.
func upgraded(status *Status) {
	status.Proposal.Deployed, status.Proposal.Values = false, map[string]any{"a": "b"}
}

// keptByFlux is a release that should change, but has an owner.
func keptByFlux(status *Status) {
	upgraded(status)
	status.Owner = kube.OwnerOf(&meta.ObjectMeta{Labels: map[string]string{"helm.toolkit.fluxcd.io/name": "tempo", "helm.toolkit.fluxcd.io/namespace": "tracing"}})
}

func missing(kind string) inventory.Drift {
	return inventory.Drift{Object: helm.Object{Kind: kind, Name: "tempo"}.Path(), Missing: true, Manifest: helm.Object{Kind: kind, Name: "tempo"}}
}

func TestPlan(t *testing.T) {
	lagging := apps.StatefulSet{ObjectMeta: meta.ObjectMeta{Name: "tempo-ingester", Generation: 1}}
	changed := inventory.Drift{Object: "service/tempo", Fields: map[string][2]any{"spec.type": {"NodePort", "ClusterIP"}}, Manifest: helm.Object{Kind: "Service", Name: "tempo"}}
	scaled := inventory.Drift{Object: "deployment/tempo", Fields: map[string][2]any{"spec.replicas": {int64(0), int64(1)}}, Manifest: helm.Object{Kind: "Deployment", Name: "tempo"}}
	cases := map[string]struct {
		reason  string
		ask     func(*Args)
		found   func(*Status)
		want    []string
		warned  string
		refused string
	}{
		"nothing":        {"nothing differs", nil, nil, nil, "", ""},
		"first install":  {"the pods need the Secret", func(a *Args) { a.CreateNamespace = true }, firstInstall, []string{"create namespace/tracing", "create secret/tempo-s3-credentials", "create release/tempo"}, "set persistence", ""},
		"no namespace":   {"the user creates it", nil, firstInstall, nil, "", "namespace tracing does not exist"},
		"namespace goes": {"nothing can be created in it", nil, func(s *Status) { s.Namespace.Terminating = errors.New("it is being deleted") }, nil, "", "it is being deleted"},
		"labels":         {"only those of the task", func(a *Args) { a.NamespaceLabels = map[string]string{"team": "pi"} }, nil, []string{"update namespace/tracing"}, "", ""},
		"other values":   {"a new revision", nil, upgraded, []string{"update release/tempo"}, "set persistence", ""},
		"recreated": {"the user should know", nil, func(s *Status) {
			upgraded(s)
			s.Proposal.Verdict.Recreate = []inventory.Recreation{{Object: helm.Object{Kind: "Service", Name: "a"}, Why: "immutable"}}
		}, []string{"update release/tempo"}, "service/a is deleted and recreated", ""},
		"not accepted": {"each object and its cause, before anything is written", nil, func(s *Status) {
			upgraded(s)
			s.Proposal.Verdict.Refused = []error{fault.New(fault.Rejected, "", "create Service a: no"), fault.New(fault.Rejected, "", "create Service b: no, either")}
		}, nil, "", "create Service a: no; create Service b: no, either"},
		"no right": {"who only checks may lack it, and a run ends before its first write", nil, func(s *Status) {
			upgraded(s)
			s.Proposal.Verdict.Denied = []error{fault.New(fault.Denied, "", "create Service a: not for you")}
		}, []string{"await rights", "update release/tempo"}, "a run would be refused before it changes anything: create Service a: not for you", ""},
		"not asked": {"a webhook with side effects", nil, func(s *Status) {
			upgraded(s)
			s.Proposal.Verdict.Unasked = []error{fault.New(fault.Rejected, "", "create Service a: it does not support dry run")}
		}, []string{"update release/tempo"}, "could not be asked beforehand: create Service a: it does not support dry run", ""},
		"refused": {"these versions cannot do it", nil, func(s *Status) { s.Proposal.Refusal = errors.New("no such chart") }, nil, "", "no such chart"},
		"pending": {"it is repaired", func(a *Args) { a.Recover = true }, func(s *Status) {
			upgraded(s)
			s.Release.Status = helm.PendingUpgrade
			s.ObservedAt = s.Release.Updated.AddDate(0, 0, 1)
		}, []string{"update release/tempo"}, "release tempo was left pending-upgrade by a Helm client", ""},
		"another run is active": {"it is left alone", nil, func(s *Status) {
			upgraded(s)
			s.Release.Status = helm.PendingUpgrade
			s.LeaseHolder = kube.Holder{Name: "pi1", Alive: true}
		}, nil, "", "pi1 works on it"},
		"not ready":        {"a run reports ok only for ready pods", nil, func(s *Status) { s.Live.StatefulSets = []apps.StatefulSet{lagging} }, []string{"await workloads/tempo"}, "", ""},
		"not waited for":   {"the user does not want it", func(a *Args) { a.Wait = false }, func(s *Status) { s.Live.StatefulSets = []apps.StatefulSet{lagging} }, nil, "", ""},
		"drift, reported":  {"only a warning", func(a *Args) { a.Drift = driftReport }, func(s *Status) { s.Drift = []inventory.Drift{changed} }, nil, "somebody changed release tempo outside Helm: service/tempo (spec.type)", ""},
		"drift, corrected": {"without a revision", func(a *Args) { a.Drift = driftCorrect }, func(s *Status) { s.Drift = []inventory.Drift{changed} }, []string{"update service/tempo", "await workloads/tempo"}, "", ""},
		"a workload gone":  {"everything that is missing, the workload last", func(a *Args) { a.Drift = driftReport }, func(s *Status) { s.Drift = []inventory.Drift{missing("Deployment"), missing("ConfigMap")} }, []string{"create configmap/tempo", "create deployment/tempo", "await workloads/tempo"}, "which are recreated", ""},
		"scaled to none":   {"it would never become ready", func(a *Args) { a.Drift = driftReport }, func(s *Status) { s.Drift = []inventory.Drift{scaled} }, []string{"await workloads/tempo"}, "deployment/tempo is scaled to 0 pods, not 1", ""},
		"Flux":             {"it would restore its own values", nil, keptByFlux, nil, "", "release tracing/tempo"},
		"Flux, taken":      {"the user insists", func(a *Args) { a.TakeOwnership = true }, keptByFlux, []string{"update release/tempo"}, "which may undo the change", ""},
		"Flux, no change":  {"nothing changes, so the owner does not matter", nil, func(s *Status) { keptByFlux(s); s.Proposal.Deployed = true }, nil, "", ""},

		"absent":         {"only what the module owns", func(a *Args) { a.State = absent }, nil, []string{"delete release/tempo", "delete secret/tempo-s3-credentials"}, "", ""},
		"absent already": {"nothing", func(a *Args) { a.State = absent }, func(s *Status) { *s = Status{} }, nil, "", ""},
		"everything absent": {"including what Helm leaves behind", func(a *Args) { a.State, a.RemoveSpace = absent, true }, func(s *Status) {
			s.Claims = []core.PersistentVolumeClaim{{ObjectMeta: meta.ObjectMeta{Name: "data-tempo-0"}}}
		},
			[]string{"delete release/tempo", "delete secret/tempo-s3-credentials", "delete persistentvolumeclaim/data-tempo-0", "delete namespace/tracing"}, "", ""},
		"absent soon":                   {"the namespace deletes it anyway", func(a *Args) { a.State = absent }, func(s *Status) { s.Namespace.Terminating = errors.New("it goes") }, []string{"await namespace/tracing"}, "", ""},
		"absent, another run is active": {"it is left alone", func(a *Args) { a.State = absent }, func(s *Status) { s.LeaseHolder = kube.Holder{Name: "pi1", Alive: true} }, nil, "", "remove release tracing/tempo: pi1 works on it"},
		"absent, Flux":                  {"it would recreate it", func(a *Args) { a.State = absent }, keptByFlux, nil, "", "which would recreate it"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			spec, err := Module{}.Spec(asked(test.ask))
			require.NoError(t, err)
			made, err := (&client{}).Plan(spec, observed(t, test.found))
			if test.refused != "" {
				require.ErrorContains(t, err, test.refused, test.reason)
				return
			}
			require.NoError(t, err, test.reason)
			var changes []string
			for _, change := range made.Changes {
				require.NotNil(t, change.Step, "%s can be done", change)
				changes = append(changes, change.String())
			}
			require.Equal(t, test.want, changes, test.reason)
			require.Contains(t, fmt.Sprint(made.Warnings), test.warned, test.reason)
			require.Equal(t, test.warned == "", len(made.Warnings) == 0, "%v", made.Warnings)
		})
	}
}

// Values pasted as they are shown would turn a password into ***, so the hint says what
// to put in its place.
func TestSecretsAmongTheValuesForTheOwner(t *testing.T) {
	for password, want := range map[string]string{"": "these values of chart tempo-distributed-2.26.2 into", "hunter2hunter2": "these values of chart tempo-distributed-2.26.2, with their secrets in the place of ***, into"} {
		spec, err := Module{}.Spec(asked(nil))
		require.NoError(t, err)
		status := observed(t, keptByFlux)
		status.Proposal.Values = map[string]any{"a": map[string]any{"b": "c"}}
		if password != "" {
			status.Proposal.Values["a"].(map[string]any)["password"] = password
		}
		p := plan.Plan{}
		p.Add(plan.Change{Path: releasePath(spec), Verb: plan.Update})
		err = planOwner(&p, spec, status)
		require.ErrorContains(t, err, "belongs to Flux")
		require.Contains(t, fault.HintOf(err), want)
		require.NotContains(t, fault.HintOf(err), "hunter2")
	}
}
