//go:build lab

// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	batch "k8s.io/api/batch/v1"
	core "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	jobs "k8s.io/client-go/kubernetes/typed/batch/v1"

	"github.com/picluster/tracing/modules/internal/testkit"
)

// k3s upgrades Traefik by itself. The next run moves the settings to the form of
// the new version and removes the old ones.
func TestUpgradeFromV2ToV3(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ reason, from, to string }{
		"k3s 1.31 to 1.35": {"without a schema the old values would be ignored", "27.0.201+up27.0.2", "39.0.701+up39.0.7"},
		"k3s 1.35 to 1.37": {"the access log moves", "39.0.701+up39.0.7", "41.4.2+up41.4.0"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			content := "# ours\nlog:\n  level: WARN\n"
			l.install(t, c.from, "", &content)
			testkit.FourRuns(t, l.task(nil))

			l.patch(t, "helmcharts", map[string]any{"spec": map[string]any{"chart": archive(t, "traefik-"+c.to)}})
			l.upgraded(t, c.to)
			testkit.FourRuns(t, l.task(nil))

			args, env := l.about(t)
			require.ElementsMatch(t, append(otlpFlags, logFlags...), args, c.reason)
			require.Equal(t, v39Variables, env)
			values := l.config(t).Spec.ValuesContent
			require.NotContains(t, values, "zipkin")
			testkit.FourRuns(t, l.task(map[string]any{"state": "absent"}))
			require.Equal(t, content, l.config(t).Spec.ValuesContent, "the values before the first run")
		})
	}
}

// upgraded waits for the new chart; with flags that it refuses, Traefik would
// not become ready on a real node.
func (l lab) upgraded(t *testing.T, version string) {
	l.ready(t, "traefik-"+strings.ReplaceAll(version, "+", "_"))
}

// The seed procedure's values, set by hand, are taken over: after the upgrade to
// v3 they move, and the flags that v3 refuses are removed.
func TestValuesSetByHandAreTakenOver(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	content := `# seed procedure
logs:
  access:
    enabled: true
    format: json
    fields:
      general:
        defaultmode: keep
      headers:
        defaultmode: drop
        names:
          X-B3-Traceid: keep
tracing:
  zipkin:
    httpEndpoint: http://tempo-distributor.tracing.svc.cluster.local:9411/api/v2/spans
    sameSpan: true
    id128Bit: true
    sampleRate: 1.0
`
	l.configure(t, content)
	// Before there is a chart: the Helm controller may leave a Job suspended that is
	// replaced a moment after it began.
	l.patch(t, "helmchartconfigs", map[string]any{"spec": map[string]any{"failurePolicy": "abort"}})
	l.install(t, "27.0.201+up27.0.2", "", nil)
	testkit.Unchanged(t, l.task(nil).Apply(t))
	require.Equal(t, content, l.config(t).Spec.ValuesContent)

	l.patch(t, "helmcharts", map[string]any{"spec": map[string]any{"chart": archive(t, "traefik-39.0.701+up39.0.7")}})
	l.upgraded(t, "39.0.701+up39.0.7")
	testkit.FourRuns(t, l.task(nil))
	args, _ := l.about(t)
	require.ElementsMatch(t, append(otlpFlags, logFlags...), args)
	require.NotContains(t, l.config(t).Spec.ValuesContent, "zipkin")
	testkit.FourRuns(t, l.task(map[string]any{"state": "absent"}))
	require.Equal(t, content, l.config(t).Spec.ValuesContent)
}

// A user edits the values between two runs: their change stays, ours is restored
// if it was lost, and absent restores what they wrote last.
func TestEditsBetweenRuns(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	content := "# ours\nlogs:\n  general:\n    level: WARN\n"
	l.install(t, "39.0.701+up39.0.7", "", &content)
	testkit.Changed(t, l.task(nil).Apply(t))

	edited := strings.Replace(l.config(t).Spec.ValuesContent, "level: WARN", "level: ERROR", 1)
	l.patch(t, "helmchartconfigs", map[string]any{"spec": map[string]any{"valuesContent": edited + "priorityClassName: system-node-critical\n"}})
	testkit.Unchanged(t, l.task(nil).Apply(t))

	l.patch(t, "helmchartconfigs", map[string]any{"spec": map[string]any{
		"valuesContent": strings.Replace(l.config(t).Spec.ValuesContent, "format: json", "format: common", 1)}})
	_, after := testkit.Diff(t, testkit.Changed(t, l.task(nil).Apply(t)))
	require.Equal(t, "helmchartconfig/"+l.namespace+"/"+l.name+":\n  logs.access.format: json", after)

	testkit.FourRuns(t, l.task(map[string]any{"state": "absent"}))
	require.Equal(t, "# ours\nlogs:\n  general:\n    level: ERROR\n  access:\n    format: common\npriorityClassName: system-node-critical\n", l.config(t).Spec.ValuesContent)
}

// A controller with nothing to do, since the values are back before it looked,
// is distinguished from one that does not act. Unmanaged makes it ignore the
// chart (k3s-io/helm-controller, pkg/controllers/chart/chart.go, Unmanaged).
func TestControllerStartsNoJob(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		reason  string
		edit    string
		options map[string]any
		fails   string
	}{
		"values changed back": {"the release has them", "format: common", nil, ""},
		"looks away":          {"the release has not got them", "format: json", map[string]any{"sample_rate": 0.5}, "the Helm controller starts no new job helm-install-"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			l.install(t, "39.0.701+up39.0.7", "", nil)
			testkit.Changed(t, l.task(nil).Apply(t))
			l.unmanaged(t, "true")
			defer l.unmanaged(t, nil)
			l.patch(t, "helmchartconfigs", map[string]any{"spec": map[string]any{
				"valuesContent": strings.Replace(l.config(t).Spec.ValuesContent, "format: json", c.edit, 1)}})

			result := l.task(c.options).Apply(t)
			if c.fails != "" {
				require.Contains(t, testkit.Failed(t, result), c.fails, c.reason)
				return
			}
			testkit.Changed(t, result)
			testkit.Unchanged(t, l.task(c.options).Apply(t))
		})
	}
}

func (l lab) unmanaged(t *testing.T, value any) {
	t.Helper()
	l.patch(t, "helmcharts", map[string]any{"metadata": map[string]any{"annotations": map[string]any{"helmcharts.helm.cattle.io/unmanaged": value}}})
}

// The user changes a value, and another one while the controller's Job for the
// first is running; the module reverts the second before the Job has ended. The
// controller then forgets its Job, stopped as it is.
func TestChangeRevertedDuringTheRollout(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.install(t, "39.0.701+up39.0.7", "", nil)
	testkit.Changed(t, l.task(nil).Apply(t))
	done := l.job(t)

	first := l.config(t).Spec.ValuesContent + "priorityClassName: system-node-critical\n"
	l.patch(t, "helmchartconfigs", map[string]any{"spec": map[string]any{"valuesContent": first}})
	l.eventually(t, func(j *batch.Job) bool { return j.UID != done.UID && !*j.Spec.Suspend }, "the job for the first change begins")
	second := strings.Replace(first, "format: json", "format: common", 1)
	l.patch(t, "helmchartconfigs", map[string]any{"spec": map[string]any{"valuesContent": second}})
	l.eventually(t, func(j *batch.Job) bool { return *j.Spec.Suspend || j.Status.CompletionTime != nil }, "it is stopped for the second, unless it has ended")

	testkit.Changed(t, l.task(nil).Apply(t))
	require.Equal(t, first, l.config(t).Spec.ValuesContent)
	l.eventually(t, func(j *batch.Job) bool { return j.Status.CompletionTime != nil && !*j.Spec.Suspend }, "the controller goes on")
}

// job is the Helm controller's Job, nil while there is none.
func (l lab) job(t *testing.T) *batch.Job {
	t.Helper()
	jobs, err := jobs.NewForConfig(l.Config)
	require.NoError(t, err)
	found, err := jobs.Jobs(l.namespace).Get(t.Context(), "helm-install-"+l.name, meta.GetOptions{})
	if apierrors.IsNotFound(err) {
		return nil
	}
	require.NoError(t, err)
	return found
}

func (l lab) eventually(t *testing.T, is func(*batch.Job) bool, what string) {
	t.Helper()
	require.Eventually(t, func() bool {
		j := l.job(t)
		return j != nil && is(j)
	}, patience, 50*time.Millisecond, what)
}

// Lists in the HelmChart itself would be replaced by ours: they are merged in.
func TestListsOfTheHelmChartAreKept(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.install(t, "34.2.1+up34.2.0", "additionalArguments:\n- --accesslog.format=common\n- --ping.manualrouting=false\nenv:\n- name: TZ\n  value: UTC\n", nil)
	testkit.FourRuns(t, l.task(map[string]any{"image_tag": "3.3.6"}))
	args, env := l.about(t)
	require.Contains(t, args, "--accesslog.format=json")
	require.NotContains(t, args, "--accesslog.format=common")
	require.Equal(t, "UTC", env["TZ"])
	require.Equal(t, "tracecontext,baggage,b3multi", env["OTEL_PROPAGATORS"])
	require.Contains(t, l.config(t).Spec.ValuesContent, "- --ping.manualrouting=false")
	testkit.FourRuns(t, l.task(map[string]any{"state": "absent"}))
	args, env = l.about(t)
	require.Equal(t, []string{"--accesslog.format=common"}, args)
	require.NotContains(t, env, "OTEL_PROPAGATORS")
}

// Values that override those that can be changed are named, and nothing is
// written.
func TestValuesThatWin(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	content := "logs: {}\n"
	l.install(t, "39.0.701+up39.0.7", "", &content)
	l.patch(t, "helmchartconfigs", map[string]any{"spec": map[string]any{"values": map[string]any{"tracing": map[string]any{"sampleRate": 0.5}}}})
	require.Contains(t, testkit.Failed(t, l.task(nil).Apply(t)), "tracing.sampleRate is also set in spec.values of the HelmChartConfig, which wins")

	l.patch(t, "helmchartconfigs", map[string]any{"spec": map[string]any{"values": nil}})
	l.patch(t, "helmcharts", map[string]any{"spec": map[string]any{"set": map[string]any{"tracing.otlp.enabled": "false"}}})
	require.Contains(t, testkit.Failed(t, l.task(nil).Apply(t)), "tracing.otlp.enabled is also set in spec.set of the HelmChart, which wins")
	require.Equal(t, content, l.config(t).Spec.ValuesContent)
}

// Values that are not read beforehand, since they are in a Secret, override the
// settings: the arguments show that these did not arrive.
func TestSettingNotInEffect(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	content := "logs: {}\n"
	l.install(t, "39.0.701+up39.0.7", "", &content)
	secret := &core.Secret{ObjectMeta: meta.ObjectMeta{Name: "more"}, StringData: map[string]string{"values.yaml": "tracing: {sampleRate: 0.25}\n"}}
	_, err := l.clients.Core.Secrets(l.namespace).Create(t.Context(), secret, meta.CreateOptions{})
	require.NoError(t, err)
	l.patch(t, "helmchartconfigs", map[string]any{"spec": map[string]any{"valuesSecrets": []any{map[string]any{"name": "more", "keys": []any{"values.yaml"}}}}})

	result := l.task(nil).Apply(t)
	require.Equal(t, l.named("unsupported: deployment/NAMESPACE/NAME-traefik runs without the settings of HelmChartConfig NAMESPACE/NAME: --tracing.sampleRate=1 is 0.25"), testkit.Failed(t, result))
	require.Equal(t, []any{l.named("update helmchartconfig/NAMESPACE/NAME")}, result["done"], "the result reports what was written before the failure")
	require.Contains(t, result["hint"], "valuesSecrets")
}
