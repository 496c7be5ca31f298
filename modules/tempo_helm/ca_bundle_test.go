// SPDX-License-Identifier: AGPL-3.0-or-later

package tempohelm

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/plan"
	"github.com/picluster/tracing/modules/internal/s3secret"
	"github.com/picluster/tracing/modules/internal/secret"
	"github.com/picluster/tracing/modules/internal/tempochart"
)

// testCA is the certificate of a CA that has signed nothing.
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

func TestCAIsAPathOrAText(t *testing.T) {
	file := filepath.Join(t.TempDir(), "ca.pem")
	require.NoError(t, os.WriteFile(file, []byte(testCA), 0o600))
	for name, value := range map[string]string{"a path": file, "the text": testCA, "the text of a YAML block": "\n" + testCA + "\n\n"} {
		read, err := Spec{Args: Args{Release: "tempo", Config: tempochart.Config{S3: tempochart.S3{CACert: value}}}}.caBundle()
		require.NoError(t, err, name)
		require.Equal(t, s3secret.CA{Name: "tempo-s3-ca", Owned: true, PEM: testCA}, read, name)
	}
	require.Equal(t, "286846711683d62905b3642b5247dbb7e8dd1f1199648e85602aab94fe156035", s3secret.CA{PEM: testCA}.Checksum(), "a new CA restarts the pods")
	none, err := Spec{Args: Args{Release: "tempo"}}.caBundle()
	require.NoError(t, err)
	require.Equal(t, s3secret.CA{}, none)

	_, err = Spec{Args: Args{Config: tempochart.Config{S3: tempochart.S3{CACert: "/nowhere/ca.pem"}}}}.caBundle()
	require.EqualError(t, err, "read s3.ca_cert: open /nowhere/ca.pem: no such file or directory")
	_, err = Spec{Args: Args{Config: tempochart.Config{S3: tempochart.S3{CACert: "-----BEGIN nothing"}}}}.caBundle()
	require.EqualError(t, err, "s3.ca_cert holds no certificate")
	require.NotEmpty(t, fault.HintOf(err))

	err = tempochart.S3{AccessKey: "a", SecretKey: secret.NewText("b"), CACert: testCA, Insecure: true}.Validate()
	require.EqualError(t, err, "s3.ca_cert has no effect with s3.insecure: true, with which Tempo uses HTTP")
}

// Later connections of a run use the CA it read, even if the file changes.
func TestCAFileIsReadOnce(t *testing.T) {
	spec := Spec{Args: Args{Config: tempochart.Config{S3: tempochart.S3{Endpoint: "s3.example.com:9000", ValidateCerts: true, CACert: "/nowhere/ca.pem"}}}}
	keys := s3secret.Credentials{Data: map[string]secret.Text{s3secret.AccessKeyEntry: secret.NewText("a"), s3secret.SecretKeyEntry: secret.NewText("b")}}
	_, err := openStore(spec, keys)
	require.ErrorContains(t, err, "no such file or directory")
	_, err = opener(s3secret.CA{PEM: testCA})(spec, keys)
	require.NoError(t, err)
}

func TestPlanCA(t *testing.T) {
	wanted := s3secret.CA{Name: "tempo-s3-ca", Owned: true, PEM: "a"}
	older := s3secret.CA{Name: "tempo-s3-ca", Owned: true, PEM: "b"}
	foreign := s3secret.CA{Name: "tempo-s3-ca", PEM: "b"}
	cases := map[string]struct {
		reason     string
		want, have s3secret.CA
		paths      []string
		refused    string
	}{
		"nothing":      {"most stores need none", s3secret.CA{}, s3secret.CA{}, []string{}, ""},
		"a first one":  {"it is created before the pods need it", wanted, s3secret.CA{}, []string{"create secret/tempo-s3-ca"}, ""},
		"the same":     {"nothing to do", wanted, wanted, []string{}, ""},
		"another":      {"a CA that was renewed", wanted, older, []string{"update secret/tempo-s3-ca"}, ""},
		"no longer":    {"no pod mounts it", s3secret.CA{}, older, []string{"delete secret/tempo-s3-ca"}, ""},
		"foreign":      {"it is somebody else's", wanted, foreign, nil, "secret tempo-s3-ca exists and is not this module's"},
		"foreign left": {"the module leaves it alone", s3secret.CA{}, foreign, []string{}, ""},
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
