// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/helmjob"
	"github.com/picluster/tracing/modules/internal/traefikfind"
)

var arrived = func([]string, map[string]string) []string { return nil }

// Phases of a wait: a controller that got stuck is helped, a busy one is left
// alone, and what will not come is reported.
func TestPhaseOfTheRollout(t *testing.T) {
	workload := traefikfind.Workload{Kind: "Deployment", Namespace: "kube-system", Name: "traefik", RolledOut: true}
	rolling := workload
	rolling.RolledOut = false
	lost := func([]string, map[string]string) []string { return []string{"--tracing.otlp=true is missing"} }
	in := func(state helmjob.State) helmjob.Job { return helmjob.Job{Name: "helm-install-traefik", State: state} }
	failing := in(helmjob.Active)
	failing.Reason = "UPGRADE FAILED: boom"
	const held, working, absent = "the Helm controller has suspended the job helm-install-traefik", "the job helm-install-traefik is running", "the job helm-install-traefik does not exist yet"
	const replacing = "the Helm controller has not replaced the job helm-install-traefik yet"
	cases := map[string]struct {
		reason   string
		missing  func([]string, map[string]string) []string
		seen     progress
		requeued bool
		want     phase
		state    string
	}{
		"done":                   {"new job, new pods, all flags", arrived, progress{job: in(helmjob.Complete), newer: true, workload: workload, since: time.Hour}, false, phaseDone, ""},
		"no job yet":             {"the controller replaces it", arrived, progress{job: in(helmjob.Absent), newer: true, workload: workload, since: time.Second}, false, phaseWaiting, absent},
		"job active":             {"Helm waits for pods", arrived, progress{job: in(helmjob.Active), newer: true, workload: workload, since: time.Second}, false, phaseWaiting, working},
		"job active for long":    {"Helm may take a long time", arrived, progress{job: in(helmjob.Active), workload: workload, since: time.Hour}, false, phaseWaiting, working},
		"job is held":            {"the previous job ends first", arrived, progress{job: in(helmjob.Suspended), newer: true, workload: workload, since: time.Second}, false, phaseWaiting, held},
		"a moment":               {"the controller needs one", arrived, progress{job: in(helmjob.Abandoned), workload: workload, since: time.Second}, false, phaseWaiting, held},
		"abandoned":              {"its change was reverted: the job is neither replaced nor started", arrived, progress{job: in(helmjob.Abandoned), workload: workload, since: 20 * time.Second}, false, phaseAbandoned, ""},
		"pod terminating":        {"the controller waits for it", arrived, progress{job: in(helmjob.Suspended), workload: workload, since: 20 * time.Second}, true, phaseWaiting, held},
		"pod does not terminate": {"a new job has a new pod", arrived, progress{job: in(helmjob.Suspended), workload: workload, since: 2 * time.Minute}, true, phaseAbandoned, ""},
		"never started":          {"the controller missed that it can start the job", arrived, progress{job: in(helmjob.Suspended), workload: workload, since: 20 * time.Second}, false, phaseMissed, ""},
		"requeued in vain":       {"the run waits until it is clear", arrived, progress{job: in(helmjob.Suspended), workload: workload, since: time.Minute}, true, phaseWaiting, held},
		"no job":                 {"the old job is gone, and there is no new one", arrived, progress{job: in(helmjob.Absent), workload: workload, since: 20 * time.Second}, false, phaseMissed, ""},
		"old job":                {"the controller missed the change", arrived, progress{job: in(helmjob.Complete), workload: workload, since: 20 * time.Second}, false, phaseMissed, ""},
		"old job, asked":         {"the controller has not looked", arrived, progress{job: in(helmjob.Complete), workload: workload, since: time.Minute}, true, phaseWaiting, replacing},
		"controller idle":        {"the controller is not running", arrived, progress{job: in(helmjob.Complete), workload: workload, since: 10 * time.Minute}, true, phaseIdle, ""},
		"rolling":                {"old pods are still there", arrived, progress{job: in(helmjob.Complete), newer: true, workload: rolling, since: time.Minute}, false, phaseWaiting, "deployment/kube-system/traefik is being rolled out"},
		"not yet":                {"the job is done, its outcome is not seen yet", lost, progress{job: in(helmjob.Complete), newer: true, workload: workload, since: time.Second}, false, phaseWaiting, "--tracing.otlp=true is missing"},
		"did not arrive":         {"other values win", lost, progress{job: in(helmjob.Complete), newer: true, workload: workload, since: time.Minute}, false, phaseNotEffective, "--tracing.otlp=true is missing"},
		"gone":                   {"Traefik is being installed again", lost, progress{job: in(helmjob.Complete), newer: true, since: time.Minute}, false, phaseWaiting, "deployment/kube-system/traefik does not exist"},
		"failed":                 {"Helm's own message", lost, progress{job: failing, newer: true, workload: workload, since: time.Minute}, false, phaseFailed, "UPGRADE FAILED: boom"},
		"the old job fails":      {"the controller replaces it", arrived, progress{job: failing, workload: workload, since: time.Minute}, false, phaseWaiting, working},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got, state := c.seen.phase(workload, c.missing, c.requeued)
			require.Equal(t, c.want, got, c.reason)
			require.Equal(t, c.state, state, c.reason)
		})
	}
}

func TestEndOfTheRollout(t *testing.T) {
	status := chart39("", "traefik:v3.6.13")
	seen := progress{job: helmjob.Job{Name: "helm-install-traefik", State: helmjob.Complete}, workload: status.Workload}
	cases := map[string]struct {
		reason  string
		phase   phase
		because string
		fails   string
		kind    fault.Kind
	}{
		"done":          {"nothing is wrong", phaseDone, "", "", ""},
		"not effective": {"other values win", phaseNotEffective, "--tracing.otlp=true is missing", "deployment/kube-system/traefik runs without the settings of HelmChartConfig kube-system/traefik: --tracing.otlp=true is missing", fault.Unsupported},
		"failed":        {"Helm's own message", phaseFailed, "UPGRADE FAILED: boom", "upgrade Traefik by HelmChartConfig kube-system/traefik: the job helm-install-traefik failed: UPGRADE FAILED: boom", fault.Rejected},
		"idle":          {"the controller is not running", phaseIdle, "", "upgrade Traefik by HelmChartConfig kube-system/traefik: the Helm controller starts no new job helm-install-traefik", fault.Timeout},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			done, _, err := (&rolloutWait{client: new(client), status: status}).end(t.Context(), seen, c.phase, c.because)
			if c.fails == "" {
				require.NoError(t, err, c.reason)
				require.True(t, done)
				return
			}
			require.EqualError(t, err, c.fails, c.reason)
			require.Equal(t, c.kind, fault.KindOf(err))
		})
	}
}
