// SPDX-License-Identifier: AGPL-3.0-or-later

package repotest

import (
	"maps"
	"testing"

	"github.com/stretchr/testify/require"
)

// Each server of a task has options of its own for certificates: the hint names
// those that govern the connection that failed.
func TestUntrustedCertificateNamesTheOptionOfItsServer(t *testing.T) {
	address, _ := newAuthority().refusing(t)
	hints := map[string]string{
		"ca_cert":            "the certificate is signed by a CA that is not trusted here: give it in ca_cert, or set validate_certs: false",
		"url_ca_cert":        "the certificate is signed by a CA that is not trusted here: give it in url_ca_cert, or set url_validate_certs: false",
		"grafana_ca_cert":    "the certificate is signed by a CA that is not trusted here: give it in grafana_ca_cert, or set grafana_validate_certs: false",
		"chart_repo_ca_cert": "the certificate is signed by a CA that is not trusted here: give it in chart_repo_ca_cert",
	}
	cases := trusting(t)
	delete(cases, "Grafana of trace_probe") // its hop comes after one that fails; modules/trace_probe tests it
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			end := endless{module: test.module, options: func(string) options { return addressed(test.options, address).(options) }}.run("")
			if end.result["kind"] == "tls" {
				require.Equal(t, hints[test.option], end.result["hint"], "%v", end.result["msg"])
			}
			require.Contains(t, end.output, hints[test.option]) // for a later hop of a proof it is only in the output
		})
	}
}

// With a kubeconfig no option sets the API server's CA.
func TestCertificateOfAnotherClusterNamesTheConnectionOfTheTask(t *testing.T) {
	address, _ := newAuthority().refusing(t)
	own := kubeconfig(address)
	own["clusters"] = []any{options{"name": "c", "cluster": options{"server": "https://" + address}}}
	for name, test := range map[string]struct {
		given options
		hint  string
	}{
		"the kubeconfig": {options{"kubeconfig": own},
			"the kubeconfig has another CA than the API server's certificate: fetch the kubeconfig anew, as after k3s was installed again"},
		"the address": {options{"host": "https://" + address},
			"the certificate is signed by a CA that is not trusted here: give it in ca_cert, or set validate_certs: false"},
	} {
		for module, task := range tasks {
			if task["kubeconfig"] == nil {
				continue
			}
			t.Run(name+" of "+module, func(t *testing.T) {
				t.Parallel()
				with := maps.Clone(task)
				delete(with, "kubeconfig")
				maps.Copy(with, test.given)
				end := endless{module: module, options: func(string) options { return with }}.run("")
				require.Equal(t, "tls", end.result["kind"], "%v", end.result)
				require.Equal(t, test.hint, end.result["hint"], "%v", end.result["msg"])
			})
		}
	}
}
