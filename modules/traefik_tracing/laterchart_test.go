// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// released is a Traefik that its user installed and upgrades with Helm.
func released(chart, image, own string) Status {
	found := chart39(own, image)
	found.Method, found.Namespace, found.Chart = methodHelm, "edge", chart
	return found
}

const logArguments = `additionalArguments:
  - --accesslog=true
  - --accesslog.format=json
  - --accesslog.fields.defaultmode=keep
  - --accesslog.fields.headers.defaultmode=drop
  - --accesslog.fields.headers.names.X-B3-Traceid=keep
`

const (
	zipkinArguments = `additionalArguments:
  - --tracing.zipkin=true
  - --tracing.zipkin.httpEndpoint=http://tempo-distributor.tracing.svc.cluster.local:9411/api/v2/spans
  - --tracing.zipkin.sameSpan=true
  - --tracing.zipkin.id128Bit=true
  - --tracing.zipkin.sampleRate=1
`
	first           = "run this with state: absent, then upgrade, then run it with state: present"
	zipkinStays     = "Helm release edge/traefik: charts from 28.0.0 on ignore the values under tracing.zipkin without a word (from 31.1.0 on they refuse them). Before an upgrade of the chart across that version that keeps the values, " + first
	zipkinFlagsStay = "Helm release edge/traefik: charts from 28.0.0 on have Traefik v3, which does not start with --tracing.zipkin among additionalArguments. Before an upgrade across that version, " + first
)

// Values of a release that the next major version of the chart refuses are
// written in a form that both accept.
func TestValuesSurviveAChartUpgrade(t *testing.T) {
	cases := map[string]struct {
		reason, chart, image, own string
		change                    func(*Spec)
		want                      string
		warns                     []string
	}{
		"34 to 41": {"logs is refused from 41 on", "34.2.0", "traefik:v3.3.6", "", nil,
			logArguments + "env:\n" + propagatorsItem + otlpValues + "  sampleRate: 1\n", nil},
		"39 to 41": {"the same", "39.0.7", "traefik:v3.6.13", "", nil, logArguments + "env:\n" + propagatorsItem + otlpValues + "  sampleRate: 1\n", nil},
		"41":       {"nothing refuses it", "41.3.0", "traefik:v3.7.11", "", nil, accessLog + "env:\n" + propagatorsItem + otlpValues + "  sampleRate: 1\n", nil},
		"33.2 to 34": {"resource attributes had another name", "33.2.0", "traefik:v3.2.2", "", func(s *Spec) {
			s.AccessLog, s.ResourceAttributes = false, map[string]string{"cluster": "pi"}
		}, "additionalArguments:\n  - --tracing.globalAttributes.cluster=pi\nenv:\n" + propagatorsItem + otlpValues + "  sampleRate: 1\n", nil},
		"20 to 28": {"it has no schema, and no spans are sent any more", "20.3.1", "traefik:v2.9.4", "", func(s *Spec) { s.AccessLog = false }, zipkinValues,
			[]string{zipkinStays}},
		"28": {"Traefik v3 takes no spans by Zipkin", "28.3.0", "traefik:v3.0.2", "tracing:\n  zipkin:\n    httpEndpoint: http://old.example:9411/api/v2/spans\n",
			func(s *Spec) { s.AccessLog = false }, "additionalArguments:\n  - --tracing.sampleRate=1\nenv:\n" + podItems + propagatorsItem + otlpValues,
			[]string{"Helm release edge/traefik: your settings are replaced until state: absent restores them: tracing.zipkin is removed"}},
		"27 to 34": {"Traefik v3 would not start with the flags", "27.0.2", "traefik:v2.11.2", "", nil, logArguments + zipkinValues,
			[]string{zipkinStays}},
		"10 to 28": {"its Traefik would not start, and no schema refuses it", "10.19.3", "traefik:2.6.2", "", func(s *Spec) { s.AccessLog = false }, zipkinArguments, []string{zipkinFlagsStay}},
		"25 to 28": {"false is set by a flag", "25.0.0", "traefik:v2.10.5", "", func(s *Spec) { s.AccessLog, s.ID128Bit = false, false },
			"additionalArguments:\n  - --tracing.zipkin.id128Bit=false\n" + strings.ReplaceAll(zipkinValues, "id128Bit: true", "id128Bit: false"), []string{zipkinFlagsStay, zipkinStays}},
		"values of the user's": {"they already have the settings", "34.2.0", "traefik:v3.3.6",
			"logs:\n  access:\n    enabled: true\n    fields:\n      general:\n        defaultmode: keep\n      headers:\n        defaultmode: drop\n        names:\n          X-B3-Traceid: keep\n    format: json\n", nil,
			"logs:\n  access:\n    enabled: true\n    fields:\n      general:\n        defaultmode: keep\n      headers:\n        defaultmode: drop\n        names:\n          X-B3-Traceid: keep\n    format: json\nenv:\n" + propagatorsItem + otlpValues + "  sampleRate: 1\n", nil},
		"other values of the user's": {"an argument takes precedence", "34.2.0", "traefik:v3.3.6", "logs:\n  access:\n    enabled: true\n    format: common\n", nil,
			"logs:\n  access:\n    enabled: true\n    format: common\nadditionalArguments:\n  - --accesslog.format=json\n  - --accesslog.fields.defaultmode=keep\n  - --accesslog.fields.headers.defaultmode=drop\n  - --accesslog.fields.headers.names.X-B3-Traceid=keep\nenv:\n" + propagatorsItem + otlpValues + "  sampleRate: 1\n", nil},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			proposal, warnings := twice(t, released(c.chart, c.image, c.own), c.change)
			require.YAMLEq(t, c.want, proposal.Text, c.reason)
			require.Equal(t, c.warns, warnings)
		})
	}
}

// k3s 1.32 brings Traefik v3 whether the user asks for it or not.
func TestFlagsThatStopTheNextTraefikOfK3s(t *testing.T) {
	found := chart39("", "rancher/mirrored-library-traefik:2.6.1")
	found.Chart = "10.19.300"
	_, warnings := twice(t, found, func(s *Spec) { s.AccessLog = false })
	require.Equal(t, []string{strings.Replace(zipkinFlagsStay, "Helm release edge/traefik", "HelmChartConfig kube-system/traefik", 1)}, warnings)
	found.Chart, found.Workload.Image = "27.0.201+up27.0.2", "rancher/mirrored-library-traefik:2.11.10"
	_, warnings = twice(t, found, nil)
	require.Empty(t, warnings, "its next chart ignores the values")
}

// Charts that k3s packages have no schema; others in a HelmChart may.
func TestHelmChartOfAnotherSource(t *testing.T) {
	found := chart39("", "traefik:v3.6.13")
	found.Chart = "39.0.7"
	_, warnings := twice(t, found, nil)
	require.Equal(t, []string{"HelmChartConfig kube-system/traefik: charts from 41.0.0 on refuse the values under logs. Before an upgrade of the chart across that version that keeps the values, " +
		"run this with state: absent, then upgrade, then run it with state: present"}, warnings)
}
