//go:build lab

// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	apps "k8s.io/api/apps/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/picluster/tracing/modules/internal/testkit"
)

// Users who do not start with an empty file: four runs, what stays, what is
// reported, and exactly the same bytes after absent.
func TestUsersWithTheirOwnSettings(t *testing.T) {
	t.Parallel()
	const backEnd = "tracing:\n  otlp:\n    enabled: true\n    http:\n      enabled: true\n      endpoint: https://otlp.example/v1/traces\n      headers:\n        Authorization: Basic " + testkit.Canary + "x\n  sampleRate: 0.1\n"
	cases := map[string]struct {
		reason, version, content string
		has, hasNot              []string
		warnings                 []string
	}{
		"all headers": {"kept for dashboards", "39.0.701+up39.0.7",
			"logs:\n  access:\n    enabled: true\n    format: json\n    fields:\n      headers:\n        defaultmode: keep\n        names:\n          Authorization: drop\n          Cookie: redact\n",
			[]string{"--accesslog.fields.headers.defaultmode=keep", "--accesslog.fields.headers.names.Cookie=redact"},
			[]string{"X-B3-Traceid"}, nil},
		"all headers, v2": {"the ID is among them", "27.0.201+up27.0.2",
			"logs:\n  access:\n    fields:\n      headers:\n        defaultmode: keep\n", []string{"--accesslog.fields.headers.defaultmode=keep"}, []string{"X-B3-Traceid"}, nil},
		"another back end": {"its key is removed, its rate is reported", "39.0.701+up39.0.7", backEnd, []string{"--tracing.sampleRate=1"}, []string{"Authorization"},
			[]string{"tracing.otlp.http.endpoint https://otlp.example/v1/traces becomes", "tracing.sampleRate 0.1 becomes 1", "tracing.otlp.http.headers.Authorization is removed"}},
		"another back end, chart 41": {"the same", "41.4.2+up41.4.0", backEnd, []string{"--tracing.sampleRate=1"}, []string{"Authorization"}, []string{"tracing.otlp.http.headers.Authorization is removed"}},
		"dark entry point": {"reported in every run", "39.0.701+up39.0.7",
			"additionalArguments:\n- --entryPoints.web.observability.tracing=false\n- --entryPoints.web.observability.accessLogs=false\n",
			nil, nil, []string{"entry point web opens no spans", "entry point web writes no access log"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			l.install(t, c.version, "", &c.content)
			require.Eventually(t, func() bool { return l.status(t) == "deployed" }, patience, 250*time.Millisecond)
			warned := fmt.Sprint(testkit.FourRuns(t, l.task(nil))["warnings"])
			for _, part := range c.warnings {
				require.Contains(t, warned, part, c.reason)
			}
			if c.warnings == nil {
				require.Equal(t, "<nil>", warned)
			}
			args, _ := l.about(t)
			for _, arg := range c.has {
				require.Contains(t, args, arg, c.reason)
			}
			for _, part := range c.hasNot {
				require.NotContains(t, strings.Join(args, " "), part, c.reason)
			}
			testkit.FourRuns(t, l.task(map[string]any{"state": "absent"}))
			require.Equal(t, c.content, l.config(t).Spec.ValuesContent)
		})
	}
}

// A user's upgrade that keeps the values succeeds, or there was a warning.
func TestUpgradeOfAReleaseKeepsItsValues(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.release(t, "34.2.0", nil)
	testkit.FourRuns(t, l.task(map[string]any{"image_tag": "v3.3.6"}))
	l.release(t, "41.3.0", l.values(t))
	testkit.FourRuns(t, l.task(nil))
	args, _ := l.about(t)
	require.ElementsMatch(t, append(otlpFlags, logFlags...), args)
	testkit.FourRuns(t, l.task(map[string]any{"state": "absent"}))
	require.Empty(t, l.values(t))

	old := newLab(t)
	old.release(t, "27.0.2", nil)
	for range 2 {
		require.Contains(t, fmt.Sprint(old.task(nil).Apply(t)["warnings"]), "charts from 28.0.0 on ignore the values under tracing.zipkin without a word (from 31.1.0 on they refuse them)")
	}
	testkit.Changed(t, old.task(map[string]any{"state": "absent"}).Apply(t))
	old.release(t, "34.2.0", old.values(t))
	testkit.FourRuns(t, old.task(map[string]any{"image_tag": "v3.3.6"}))
}

// The Traefik of k3s is found as a DaemonSet next to other Deployments, and
// under another name.
func TestTraefikIsFoundByItsRelease(t *testing.T) {
	t.Parallel()
	other := newLab(t)
	other.release(t, "41.3.0", nil)

	l := newLab(t)
	l.install(t, "39.0.701+up39.0.7", "", nil)
	l.daemonSet(t, l.name+"-traefik")
	result := testkit.Changed(t, l.task(map[string]any{"wait": false}).Apply(t))
	require.Equal(t, l.name, result["name"])

	named := newLab(t)
	named.begin(t, "39.0.701+up39.0.7", "nameOverride: ingress\n")
	require.Eventually(t, func() bool {
		d, err := named.clients.Apps.Deployments(named.namespace).Get(t.Context(), named.name+"-ingress", meta.GetOptions{})
		return err == nil && d.Status.AvailableReplicas == 1
	}, patience, 500*time.Millisecond)
	testkit.FourRuns(t, named.task(nil))
}

// daemonSet turns a Deployment into a DaemonSet, since the lab's chart has none.
func (l lab) daemonSet(t *testing.T, name string) {
	t.Helper()
	d, err := l.clients.Apps.Deployments(l.namespace).Get(t.Context(), name, meta.GetOptions{})
	require.NoError(t, err)
	set := &apps.DaemonSet{ObjectMeta: meta.ObjectMeta{Name: d.Name, Namespace: d.Namespace, Labels: d.Labels, Annotations: d.Annotations},
		Spec: apps.DaemonSetSpec{Selector: d.Spec.Selector, Template: d.Spec.Template}}
	require.NoError(t, l.clients.Apps.Deployments(l.namespace).Delete(t.Context(), name, meta.DeleteOptions{}))
	_, err = l.clients.Apps.DaemonSets(l.namespace).Create(t.Context(), set, meta.CreateOptions{})
	require.NoError(t, err)
}

// A release that k3s' Helm controller manages is not changed behind its back.
func TestReleaseOfAHelmChart(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.install(t, "39.0.701+up39.0.7", "", nil)
	refused := l.task(map[string]any{"method": "helm"}).Apply(t)
	require.Equal(t, l.named("conflict: Helm release NAMESPACE/NAME belongs to k3s' HelmChart NAMESPACE/NAME, which would undo the change"), testkit.Failed(t, refused))
	require.Contains(t, refused["hint"], "into a HelmChartConfig of the same name")
}

// A release that failed once under failurePolicy abort is reported with a way
// out, which repairs it.
func TestReleaseThatFailedOnce(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	content := "logs: {}\n"
	l.install(t, "39.0.701+up39.0.7", "", &content)
	testkit.Changed(t, l.task(nil).Apply(t))
	good := l.config(t).Spec.ValuesContent
	l.rewrite(t, good+"service: {spec: {externalTrafficPolicy: Sometimes}}\n")
	require.Eventually(t, func() bool { return l.status(t) == "failed" }, patience, 500*time.Millisecond)
	l.rewrite(t, good)

	const way, given = "run once with failure_policy: retry", "waiting for operator intervention"
	require.Eventually(t, func() bool {
		warned := fmt.Sprint(testkit.Unchanged(t, l.task(nil).Apply(t))["warnings"])
		return strings.Contains(warned, way) && strings.Contains(warned, given)
	}, patience, time.Second, "the job for the good values has left the failed release alone")
	refused := l.task(map[string]any{"sample_rate": 0.5}).Apply(t)
	require.Contains(t, testkit.Failed(t, refused), "under failurePolicy abort the Helm controller no longer upgrades it; nothing was changed")
	require.Contains(t, refused["hint"], way)
	require.Equal(t, good, l.config(t).Spec.ValuesContent)

	testkit.FourRuns(t, l.task(map[string]any{"failure_policy": "retry"}))
	require.Equal(t, "deployed", l.status(t))
	testkit.Unchanged(t, l.task(map[string]any{"sample_rate": 1}).Apply(t))
}

func (l lab) rewrite(t *testing.T, content string) {
	t.Helper()
	l.patch(t, "helmchartconfigs", map[string]any{"spec": map[string]any{"valuesContent": content}})
}

// status is the state of the release's newest revision.
func (l lab) status(t *testing.T) string {
	t.Helper()
	secrets, err := l.clients.Core.Secrets(l.namespace).List(t.Context(), meta.ListOptions{LabelSelector: "owner=helm,name=" + l.name + ",status notin (superseded)"})
	require.NoError(t, err)
	newest := 0
	status := ""
	for _, one := range secrets.Items {
		var revision int
		_, err := fmt.Sscan(one.Labels["version"], &revision)
		require.NoError(t, err)
		if revision > newest {
			newest, status = revision, one.Labels["status"]
		}
	}
	return status
}

// What Argo CD owns is left alone, tracked by annotation or by label.
func TestHelmChartConfigOfArgoCD(t *testing.T) {
	t.Parallel()
	cases := map[string]map[string]any{
		"annotation": {"annotations": map[string]any{"argocd.argoproj.io/tracking-id": "cluster:helm.cattle.io/HelmChartConfig:x/y"}},
		"label":      {"labels": map[string]any{"argocd.argoproj.io/instance": "cluster"}},
	}
	for name, metadata := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			content := "log: {level: WARN}\n"
			l.install(t, "39.0.701+up39.0.7", "", &content)
			l.patch(t, "helmchartconfigs", map[string]any{"metadata": metadata})
			for _, result := range []map[string]any{l.task(nil).Check(t), l.task(nil).Apply(t)} {
				require.Equal(t, "conflict", result["kind"], name)
				require.Contains(t, result["msg"], "belongs to Argo CD's Application cluster, which would undo the change")
				require.Contains(t, result["hint"], "the Git repository of that Application")
				require.Contains(t, result["hint"], "\ntracing:\n  otlp:\n    enabled: true\n")
			}
			require.Equal(t, content, l.config(t).Spec.ValuesContent)
			testkit.FourRuns(t, l.task(map[string]any{"force": true}))
		})
	}
}
