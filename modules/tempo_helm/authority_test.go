// SPDX-License-Identifier: AGPL-3.0-or-later

package tempo

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/plan"
	"github.com/picluster/tracing/modules/internal/secret"
)

// testCA is the certificate of a CA that signs for nobody.
const testCA = `-----BEGIN CERTIFICATE-----
MIIBizCCATGgAwIBAgIUd9ugqe7NIVLS5YbsOdKkeZ+aWSIwCgYIKoZIzj0EAwIw
GjEYMBYGA1UEAwwPQ0Egb2YgdGhlIHRlc3RzMCAXDTI2MTEyNTIyMDM0M1oYDzIx
MjYxMTAxMjIwMzQzWjAaMRgwFgYDVQQDDA9DQSBvZiB0aGUgdGVzdHMwWTATBgcq
hkjOPQIBBggqhkjOPQMBBwNCAATbqCdx6hrVrHsUPyUyn/QVhVgds7zoPvIkiiJe
6Btcpb7MT/mqWgCNsHUX0/SBR1ks8Vkf827pcWE/gfUIUxSMo1MwUTAdBgNVHQ4E
FgQUa7gFwA74FJ7Mf6v01zOBhqFDjjowHwYDVR0jBBgwFoAUa7gFwA74FJ7Mf6v0
1zOBhqFDjjowDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiEAzvhN
0xeRLl8iztga7+Bvr54qwKHzNFZcI13vkhsmDrsCIDvjpPA27LP5QL9VilDv2oac
3tAfXnBWrSQ+bbyOEOcl
-----END CERTIFICATE-----
`

// The places are written out for each generation, as its chart and its Tempo read
// them.
func TestComposeTrust(t *testing.T) {
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
		"1.5, volume":             {"each component opens the store", seed, nil, []string{"compactor", "extraVolumes"}, volumes},
		"1.5, mount":              {"also the distributor", seed, nil, []string{"distributor", "extraVolumeMounts"}, mounts},
		"1.5, environment":        {"the way of every Go program", seed, nil, []string{"ingester", "extraEnv"}, []any{folder}},
		"1.5, cache":              {"memcached opens no store", seed, nil, []string{"memcached", "extraVolumes"}, nil},
		"2.10, key":               {"from 2.2 on", last, nil, s3, file},
		"2.10, mount":             {"each component opens the store", last, nil, []string{"backendWorker", "extraVolumeMounts"}, mounts},
		"2.10, environment":       {"the key is enough", last, nil, []string{"ingester", "extraEnv"}, nil},
		"3.0, mount":              {"it has other components", three, nil, []string{"liveStore", "extraVolumeMounts"}, mounts},
		"3.0, annotation":         {"a new CA restarts the pods", three, nil, []string{"tempo", "podAnnotations", "checksum/s3-ca"}, "286846711683d62905b3642b5247dbb7e8dd1f1199648e85602aab94fe156035"},
		"single, key":             {"below tempo", single, nil, append([]string{"tempo"}, s3...), file},
		"single, volume":          {"at the top", single, nil, []string{"extraVolumes"}, volumes},
		"single, mount":           {"below tempo", single, nil, []string{"tempo", "extraVolumeMounts"}, mounts},
		"single 1.5, environment": {"below tempo", old, nil, []string{"tempo", "extraEnv"}, []any{folder}},
		"user's volumes join":     {"the CA must not be lost", last, map[string]any{"querier": map[string]any{"extraVolumes": []any{"mine"}}}, []string{"querier", "extraVolumes"}, append(volumes[:1:1], "mine")},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			args := seedArgs()
			args.Values = test.values
			trusted := Authority{Name: "tempo-s3-ca", Owned: true, PEM: testCA}
			values, err := composer{args: args, chart: test.chart, tempo: args.tempoVersion(test.chart), authority: trusted}.compose()
			require.NoError(t, err)
			require.Equal(t, test.want, helm.Lookup(values, test.path...), test.reason)
		})
	}
}

func TestAuthorityIsAPathOrAText(t *testing.T) {
	file := filepath.Join(t.TempDir(), "ca.pem")
	require.NoError(t, os.WriteFile(file, []byte(testCA), 0o600))
	for name, value := range map[string]string{"a path": file, "the text": testCA, "the text of a YAML block": "\n" + testCA + "\n\n"} {
		read, err := Args{Release: "tempo", S3: S3{CACert: value}}.authority()
		require.NoError(t, err, name)
		require.Equal(t, Authority{Name: "tempo-s3-ca", Owned: true, PEM: testCA}, read, name)
	}
	none, err := Args{Release: "tempo"}.authority()
	require.NoError(t, err)
	require.Equal(t, Authority{}, none)

	_, err = Args{S3: S3{CACert: "/nowhere/ca.pem"}}.authority()
	require.EqualError(t, err, "read s3.ca_cert: open /nowhere/ca.pem: no such file or directory")
	_, err = Args{S3: S3{CACert: "-----BEGIN nothing"}}.authority()
	require.EqualError(t, err, "s3.ca_cert holds no certificate")
	require.NotEmpty(t, fault.HintOf(err))

	err = S3{AccessKey: "a", SecretKey: secret.NewText("b"), CACert: testCA, Insecure: true}.check()
	require.EqualError(t, err, "s3: ca_cert has no effect with insecure: true, by which Tempo speaks HTTP")
}

func TestPlanAuthority(t *testing.T) {
	wanted := Authority{Name: "tempo-s3-ca", Owned: true, PEM: "a"}
	older := Authority{Name: "tempo-s3-ca", Owned: true, PEM: "b"}
	foreign := Authority{Name: "tempo-s3-ca", PEM: "b"}
	cases := map[string]struct {
		reason     string
		want, have Authority
		paths      []string
		refused    string
	}{
		"nothing":      {"most stores need none", Authority{}, Authority{}, []string{}, ""},
		"a first one":  {"it is made before the pods look for it", wanted, Authority{}, []string{"create secret/tempo-s3-ca"}, ""},
		"the same":     {"nothing to do", wanted, wanted, []string{}, ""},
		"another":      {"a CA that was renewed", wanted, older, []string{"update secret/tempo-s3-ca"}, ""},
		"no longer":    {"no pod mounts it", Authority{}, older, []string{"delete secret/tempo-s3-ca"}, ""},
		"foreign":      {"it is somebody else's", wanted, foreign, nil, "secret tempo-s3-ca exists and is not this module's"},
		"foreign left": {"it is none of our business", Authority{}, foreign, []string{}, ""},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			var p plan.Plan
			err := planAuthority(&p, State{Authority: test.want}, State{Authority: test.have})
			if test.refused != "" {
				require.EqualError(t, err, test.refused, test.reason)
				return
			}
			require.NoError(t, err)
			planNoAuthority(&p, State{Authority: test.want}, State{Authority: test.have})
			require.Equal(t, test.paths, p.Paths(), test.reason)
		})
	}
}
