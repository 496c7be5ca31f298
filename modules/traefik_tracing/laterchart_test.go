// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik

import (
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
		"27 to 34": {"Traefik v3 would not start with the flags", "27.0.2", "traefik:v2.11.2", "", nil, logArguments + zipkinValues,
			[]string{"Helm release edge/traefik: charts from 31.1.0 on refuse the values under tracing.zipkin. Before an upgrade of the chart across that version that keeps the values, " +
				"run this with state: absent, then upgrade, then run it with state: present"}},
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

// Charts that k3s packages have no schema; others in a HelmChart may.
func TestHelmChartOfAnotherSource(t *testing.T) {
	found := chart39("", "traefik:v3.6.13")
	found.Chart = "39.0.7"
	_, warnings := twice(t, found, nil)
	require.Equal(t, []string{"HelmChartConfig kube-system/traefik: charts from 41.0.0 on refuse the values under logs. Before an upgrade of the chart across that version that keeps the values, " +
		"run this with state: absent, then upgrade, then run it with state: present"}, warnings)
}
