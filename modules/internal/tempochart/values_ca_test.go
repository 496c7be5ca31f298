// SPDX-License-Identifier: AGPL-3.0-or-later

package tempochart

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/helm"
)

// The places are written out for each generation, as its chart and its Tempo read
// them.
func TestComposeCA(t *testing.T) {
	volumes := []any{map[string]any{"name": "s3-ca", "secret": map[string]any{"secretName": "tempo-s3-ca"}}}
	mounts := []any{map[string]any{"name": "s3-ca", "mountPath": "/etc/picluster-tracing/s3-ca", "readOnly": true}}
	folder := map[string]any{"name": "SSL_CERT_DIR", "value": "/etc/picluster-tracing/s3-ca"}
	file := "/etc/picluster-tracing/s3-ca/ca.crt"
	s3 := []string{"storage", "trace", "s3", "tls_ca_path"}
	seed := helm.Chart{Name: "tempo-distributed", Version: "0.27.9", AppVersion: "1.5.0"}
	last := helm.Chart{Name: "tempo-distributed", Version: "2.26.2", AppVersion: "2.10.7"}
	three := helm.Chart{Name: "tempo-distributed", Version: "3.3.0", AppVersion: "3.0.3"}
	single := helm.Chart{Name: "tempo", Version: "2.2.4", AppVersion: "2.10.8"}
	old := helm.Chart{Name: "tempo", Version: "0.16.6", AppVersion: "1.5.0"}
	cases := map[string]struct {
		reason string
		chart  helm.Chart
		values map[string]any
		path   []string
		want   any
	}{
		"1.5, no key":             {"its configuration is strict and knows no CA", seed, nil, s3, nil},
		"1.5, volume":             {"every component accesses the store", seed, nil, []string{"compactor", "extraVolumes"}, volumes},
		"1.5, mount":              {"the distributor as well", seed, nil, []string{"distributor", "extraVolumeMounts"}, mounts},
		"1.5, environment":        {"by Go's environment variable", seed, nil, []string{"ingester", "extraEnv"}, []any{folder}},
		"1.5, cache":              {"memcached does not access the store", seed, nil, []string{"memcached", "extraVolumes"}, nil},
		"2.10, key":               {"from 2.2 on", last, nil, s3, file},
		"2.10, mount":             {"every component accesses the store", last, nil, []string{"backendWorker", "extraVolumeMounts"}, mounts},
		"2.10, environment":       {"the key is enough", last, nil, []string{"ingester", "extraEnv"}, nil},
		"3.0, mount":              {"Tempo 3 has other components", three, nil, []string{"liveStore", "extraVolumeMounts"}, mounts},
		"3.0, annotation":         {"a new CA restarts the pods", three, nil, []string{"tempo", "podAnnotations", "checksum/s3-ca"}, "sum of the CA"},
		"single, key":             {"below tempo", single, nil, append([]string{"tempo"}, s3...), file},
		"single, volume":          {"at the top", single, nil, []string{"extraVolumes"}, volumes},
		"single, mount":           {"below tempo", single, nil, []string{"tempo", "extraVolumeMounts"}, mounts},
		"single 1.5, environment": {"below tempo", old, nil, []string{"tempo", "extraEnv"}, []any{folder}},
		"user's volumes join":     {"the CA must not be lost", last, map[string]any{"querier": map[string]any{"extraVolumes": []any{"mine"}}}, []string{"querier", "extraVolumes"}, append(volumes[:1:1], "mine")},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			config := seedConfig()
			config.Values = test.values
			ca := CA{Secret: "tempo-s3-ca", Checksum: "sum of the CA"}
			values, err := Composer{Config: config, Chart: test.chart, CA: ca}.Compose()
			require.NoError(t, err)
			require.Equal(t, test.want, helm.Lookup(values, test.path...), test.reason)
		})
	}
}
