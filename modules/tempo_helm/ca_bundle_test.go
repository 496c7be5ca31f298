// SPDX-License-Identifier: AGPL-3.0-or-later

package tempohelm

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
			ca := CABundle{Name: "tempo-s3-ca", Owned: true, PEM: testCA}
			values, err := composer{args: args, chart: test.chart, tempo: args.tempoVersion(test.chart), ca: ca}.compose()
			require.NoError(t, err)
			require.Equal(t, test.want, helm.Lookup(values, test.path...), test.reason)
		})
	}
}

func TestCAIsAPathOrAText(t *testing.T) {
	file := filepath.Join(t.TempDir(), "ca.pem")
	require.NoError(t, os.WriteFile(file, []byte(testCA), 0o600))
	for name, value := range map[string]string{"a path": file, "the text": testCA, "the text of a YAML block": "\n" + testCA + "\n\n"} {
		read, err := Spec{Args: Args{Release: "tempo", S3: S3{CACert: value}}}.caBundle()
		require.NoError(t, err, name)
		require.Equal(t, CABundle{Name: "tempo-s3-ca", Owned: true, PEM: testCA}, read, name)
	}
	none, err := Spec{Args: Args{Release: "tempo"}}.caBundle()
	require.NoError(t, err)
	require.Equal(t, CABundle{}, none)

	_, err = Spec{Args: Args{S3: S3{CACert: "/nowhere/ca.pem"}}}.caBundle()
	require.EqualError(t, err, "read s3.ca_cert: open /nowhere/ca.pem: no such file or directory")
	_, err = Spec{Args: Args{S3: S3{CACert: "-----BEGIN nothing"}}}.caBundle()
	require.EqualError(t, err, "s3.ca_cert holds no certificate")
	require.NotEmpty(t, fault.HintOf(err))

	err = S3{AccessKey: "a", SecretKey: secret.NewText("b"), CACert: testCA, Insecure: true}.validate()
	require.EqualError(t, err, "s3: ca_cert has no effect with insecure: true, by which Tempo speaks HTTP")
}

func TestPlanCA(t *testing.T) {
	wanted := CABundle{Name: "tempo-s3-ca", Owned: true, PEM: "a"}
	older := CABundle{Name: "tempo-s3-ca", Owned: true, PEM: "b"}
	foreign := CABundle{Name: "tempo-s3-ca", PEM: "b"}
	cases := map[string]struct {
		reason     string
		want, have CABundle
		paths      []string
		refused    string
	}{
		"nothing":      {"most stores need none", CABundle{}, CABundle{}, []string{}, ""},
		"a first one":  {"it is made before the pods look for it", wanted, CABundle{}, []string{"create secret/tempo-s3-ca"}, ""},
		"the same":     {"nothing to do", wanted, wanted, []string{}, ""},
		"another":      {"a CA that was renewed", wanted, older, []string{"update secret/tempo-s3-ca"}, ""},
		"no longer":    {"no pod mounts it", CABundle{}, older, []string{"delete secret/tempo-s3-ca"}, ""},
		"foreign":      {"it is somebody else's", wanted, foreign, nil, "secret tempo-s3-ca exists and is not this module's"},
		"foreign left": {"it is none of our business", CABundle{}, foreign, []string{}, ""},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			var p plan.Plan
			status := Status{CA: test.have, Proposal: Proposal{CA: test.want}}
			err := (&client{}).planCA(&p, Spec{}, status)
			if test.refused != "" {
				require.EqualError(t, err, test.refused, test.reason)
				return
			}
			require.NoError(t, err)
			(&client{}).planNoCA(&p, Spec{}, status)
			require.Equal(t, test.paths, p.Paths(), test.reason)
		})
	}
}
