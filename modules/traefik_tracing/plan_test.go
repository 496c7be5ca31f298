// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	batch "k8s.io/api/batch/v1"
	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/picluster/tracing/modules/internal/fault"
)

// chart39 is k3s' Traefik of 1.35 with values of the user's.
func chart39(own, image string) Found {
	return Found{Method: methodConfig, Name: "traefik", Namespace: "kube-system", Chart: "39.0.701+up39.0.7", Text: own, Exists: true,
		Workload: Workload{Kind: "Deployment", Namespace: "kube-system", Name: "traefik", Image: image, RolledOut: true}}
}

func TestWarnings(t *testing.T) {
	const waitless = "HelmChartConfig kube-system/traefik: it is not known whether the settings arrive, since wait is false"
	cases := map[string]struct {
		reason string
		found  Found
		change func(*Settings)
		want   []string
	}{
		"none":     {"a version that is known", chart39("", "traefik:v3.6.13"), nil, nil},
		"floating": {"a tag that moves", chart39("", "traefik:v3.6"), nil, []string{"the image tag of Traefik names no exact version; it is taken for the newest of its line, 3.6.x"}},
		"no ID": {"links from logs do not work", chart39("", "traefik:v3.3.2"), func(s *Settings) { s.WithoutTraceID = true },
			[]string{"Traefik 3.3.2 writes no trace ID into its access log: links from logs to traces do not work until v3.3.3"}},
		"comments": {"a comment of what is replaced goes", chart39("tracing:\n  otlp:\n    grpc: # beside\n      # the old collector\n      endpoint: collector:4317\n", "traefik:v3.6.13"), nil,
			[]string{"comments in the values of HelmChartConfig kube-system/traefik are lost: # beside # the old collector",
				"HelmChartConfig kube-system/traefik: settings of yours are replaced until state: absent puts them back: tracing.otlp.grpc goes"}},
		"no wait": {"nothing proves it", chart39("", "traefik:v3.6.13"), func(s *Settings) { s.Wait = false }, []string{waitless}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			steps, err := New().Plan(State{Settings: asked(c.change)}, State{Found: c.found})
			require.NoError(t, err)
			require.Equal(t, c.want, steps.Warnings, c.reason)
		})
	}
}

func TestWarningOfValuesThatTheChartReadsNoMore(t *testing.T) {
	found := chart39("logs:\n  general:\n    level: WARN\n", "traefik:v3.7.11")
	found.Chart = "41.4.2+up41.4.0"
	steps, err := New().Plan(State{Settings: asked(nil)}, State{Found: found})
	require.NoError(t, err)
	require.Equal(t, []string{"HelmChartConfig kube-system/traefik: chart 41.4.2+up41.4.0 does not read the values under logs any more: use log and accessLog"}, steps.Warnings)
}

// The cluster's default, reinstall, uninstalls Traefik when an upgrade fails.
func TestFailurePolicy(t *testing.T) {
	cases := map[string]struct {
		reason, there, asked, want string
	}{
		"default":   {"the cluster's own", "reinstall", "", "abort"},
		"nothing":   {"there is no HelmChartConfig yet", "", "", "abort"},
		"retry":     {"harmless, so the user's stays", "retry", "", "retry"},
		"abort":     {"already so", "abort", "", "abort"},
		"by option": {"the user has the last word", "retry", "reinstall", "reinstall"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			found := chart39("", "traefik:v3.6.13")
			found.FailurePolicy = c.there
			aimed, err := aim(asked(func(s *Settings) { s.FailurePolicy = c.asked }), found)
			require.NoError(t, err)
			drafted, err := aimed.draft(found)
			require.NoError(t, err)
			require.Equal(t, c.want, drafted.FailurePolicy, c.reason)
			require.Equal(t, c.want, drafted.patch("1")["spec"].(map[string]any)["failurePolicy"])
		})
	}
}

func TestVerdictWhileWaiting(t *testing.T) {
	there := Workload{Kind: "Deployment", Namespace: "kube-system", Name: "traefik", RolledOut: true}
	rolling := there
	rolling.RolledOut = false
	complete := job{name: "helm-install-traefik", complete: true}
	working := job{name: "helm-install-traefik", uid: "1"}
	held := job{name: "helm-install-traefik", uid: "1", stopped: true}
	lost := func([]string, map[string]string) []string { return []string{"--tracing.otlp=true is missing"} }
	arrived := func([]string, map[string]string) []string { return nil }
	cases := map[string]struct {
		reason  string
		missing func([]string, map[string]string) []string
		seen    view
		done    bool
		state   string
		fails   string
		kind    fault.Kind
	}{
		"done":           {"new job, new pods, all flags", arrived, view{complete, true, there, time.Minute}, true, "", "", ""},
		"no job yet":     {"the controller replaces it", arrived, view{job{name: "helm-install-traefik"}, true, there, time.Second}, false, "the job helm-install-traefik is not there yet", "", ""},
		"job at work":    {"Helm waits for pods", arrived, view{working, true, there, time.Second}, false, "the job helm-install-traefik is at work", "", ""},
		"job is held":    {"the one before it ends first", arrived, view{held, true, there, time.Second}, false, "the Helm controller holds the job helm-install-traefik", "", ""},
		"old job":        {"the controller has not looked", arrived, view{complete, false, there, time.Minute}, false, "the job helm-install-traefik is at work", "", ""},
		"rolling":        {"old pods are still there", arrived, view{complete, true, rolling, time.Minute}, false, "deployment/kube-system/traefik is being rolled out", "", ""},
		"not yet":        {"the job is done, its outcome is not seen yet", lost, view{complete, true, there, time.Second}, false, "--tracing.otlp=true is missing", "", ""},
		"gone":           {"Traefik is being installed again", lost, view{complete, true, Workload{}, time.Minute}, false, "deployment/kube-system/traefik is not there", "", ""},
		"did not arrive": {"other values win", lost, view{complete, true, there, time.Minute}, false, "", "deployment/kube-system/traefik runs without the settings of HelmChartConfig kube-system/traefik: --tracing.otlp=true is missing", fault.Unsupported},
		"failed": {"Helm's own word", lost, view{job{name: "helm-install-traefik", failed: "UPGRADE FAILED: boom"}, true, there, time.Minute}, false, "",
			"upgrade Traefik by HelmChartConfig kube-system/traefik: the job helm-install-traefik failed: UPGRADE FAILED: boom", fault.Rejected},
		"nobody acts": {"the controller is off", arrived, view{complete, false, there, 10 * time.Minute}, false, "",
			"upgrade Traefik by HelmChartConfig kube-system/traefik: the Helm controller begins no new job helm-install-traefik", fault.Timeout},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			done, state, err := awaiting{found: chart39("", "traefik:v3.6.13"), missing: c.missing}.judge(c.seen)
			if c.fails != "" {
				require.EqualError(t, err, c.fails, c.reason)
				require.Equal(t, c.kind, fault.KindOf(err))
				return
			}
			require.NoError(t, err)
			require.Equal(t, c.done, done, c.reason)
			require.Equal(t, c.state, state, c.reason)
		})
	}
}

// A controller that has stopped in its work is helped, and one that is busy is
// left alone.
func TestRemedyWhileWaiting(t *testing.T) {
	yes, one, none32 := true, int32(1), int32(0)
	replaced := map[string]string{replaceAnnotation: "true"}
	made := func(annotations map[string]string, suspend *bool, status batch.JobStatus) job {
		return stateOf(&batch.Job{ObjectMeta: meta.ObjectMeta{Name: "helm-install-traefik", UID: "1", Annotations: annotations},
			Spec: batch.JobSpec{Suspend: suspend}, Status: status})
	}
	done := batch.JobStatus{Conditions: []batch.JobCondition{{Type: batch.JobComplete, Status: core.ConditionTrue}}}
	cases := map[string]struct {
		reason string
		seen   view
		nudged bool
		want   remedy
	}{
		"a moment":             {"the controller needs one", view{job: made(replaced, &yes, batch.JobStatus{}), since: time.Second}, false, none},
		"forgotten":            {"its change was taken back: neither replaced nor started", view{job: made(replaced, &yes, batch.JobStatus{Terminating: &none32}), since: 20 * time.Second}, false, free},
		"its pod still ends":   {"the controller waits for it", view{job: made(replaced, &yes, batch.JobStatus{Terminating: &one}), since: 20 * time.Second}, true, none},
		"its pod still runs":   {"the controller waits for it", view{job: made(replaced, &yes, batch.JobStatus{Active: 1}), since: 20 * time.Second}, true, none},
		"its pod does not end": {"a new job has a new pod", view{job: made(replaced, &yes, batch.JobStatus{Terminating: &one}), since: 2 * time.Minute}, true, free},
		"never started":        {"the controller missed that it may", view{job: made(nil, &yes, batch.JobStatus{}), since: 20 * time.Second}, false, nudge},
		"asked in vain":        {"until it is clear", view{job: made(nil, &yes, batch.JobStatus{}), since: time.Minute}, true, none},
		"still never started":  {"a new one is", view{job: made(nil, &yes, batch.JobStatus{}), since: 2 * time.Minute}, true, free},
		"no job":               {"the old one went, and no new one came", view{job: job{name: "helm-install-traefik"}, since: 20 * time.Second}, false, nudge},
		"at work":              {"Helm may take its time", view{job: made(nil, nil, batch.JobStatus{Active: 1}), since: time.Hour}, false, none},
		"old job":              {"the controller missed the change", view{job: made(nil, nil, done), since: 20 * time.Second}, false, nudge},
		"done":                 {"nothing is wrong", view{job: made(nil, nil, done), newer: true, since: time.Hour}, false, none},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) { require.Equal(t, c.want, c.seen.remedy(c.nudged), c.reason) })
	}
}

// A line of the access log cannot be asked for where there is none.
func TestProbeNeedsTheAccessLog(t *testing.T) {
	for name, args := range map[string]Args{
		"no access log": {State: "present", IngressHost: "app.example", Wait: true},
		"no wait":       {State: "present", IngressURL: "http://10.0.0.11", AccessLog: true},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := New().Desired(args)
			require.EqualError(t, err, "ingress_host asks for a line of the access log, which needs access_log: true and wait: true")
		})
	}
	_, err := New().Desired(Args{State: "absent", IngressHost: "app.example"})
	require.NoError(t, err, "nothing is asked for when the settings go")
}
