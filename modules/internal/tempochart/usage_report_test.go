// SPDX-License-Identifier: AGPL-3.0-or-later

package tempochart

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/helm"
)

// Each chart has its own place for it, and without the option none is set.
func TestUsageReport(t *testing.T) {
	on, off := true, false
	top := map[string]any{"reportingEnabled": true, "tempo": map[string]any{"structuredConfig": map[string]any{}}}
	below := map[string]any{"tempo": map[string]any{"reportingEnabled": true}}
	none := map[string]any{"tempo": map[string]any{"structuredConfig": map[string]any{}}}
	cases := map[string]struct {
		reason string
		chart  helm.Chart
		wanted *bool
		path   []string
		want   any
	}{
		"2.26.2":        {"at the top", helm.Chart{Name: "tempo-distributed", Version: "2.26.2", AppVersion: "2.10.7", Defaults: top}, &off, []string{"reportingEnabled"}, false},
		"2.26.2, on":    {"it can be switched on", helm.Chart{Name: "tempo-distributed", Version: "2.26.2", AppVersion: "2.10.7", Defaults: top}, &on, []string{"reportingEnabled"}, true},
		"2.26.2, unset": {"the chart decides", helm.Chart{Name: "tempo-distributed", Version: "2.26.2", AppVersion: "2.10.7", Defaults: top}, nil, []string{"reportingEnabled"}, nil},
		"single":        {"below tempo", helm.Chart{Name: "tempo", Version: "3.0.0", AppVersion: "3.0.3", Defaults: below}, &off, []string{"tempo", "reportingEnabled"}, false},
		"0.27.9":        {"the chart has no key, but its Tempo has the setting", helm.Chart{Name: "tempo-distributed", Version: "0.27.9", AppVersion: "1.5.0", Defaults: none}, &off, []string{"tempo", "structuredConfig", "usage_report", "reporting_enabled"}, false},
		"0.27.9, unset": {"its configuration is unchanged", helm.Chart{Name: "tempo-distributed", Version: "0.27.9", AppVersion: "1.5.0", Defaults: none}, nil, []string{"tempo", "structuredConfig"}, nil},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			config := seedConfig()
			config.UsageReport = test.wanted
			values, err := Composer{Config: config, Chart: test.chart}.Compose()
			require.NoError(t, err)
			require.Equal(t, test.want, helm.Lookup(values, test.path...), test.reason)
		})
	}
}
