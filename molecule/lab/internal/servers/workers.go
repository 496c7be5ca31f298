// SPDX-License-Identifier: AGPL-3.0-or-later

package servers

import (
	"slices"
	"strconv"

	"github.com/picluster/tracing/molecule/lab/internal/process"
)

// stages is the file with the simulated nodes' behaviour for kwok.
func (l Lab) stages() string { return l.Folder.Data("kwok", "stages.yaml") }

// kwok opens no port: without one nobody can ask it for a pod's logs or a shell, which simulated pods do not have.
func (l Lab) kwok() Server {
	return Server{
		Spec: process.Spec{
			Name: "kwok",
			Args: append([]string{"kwok"}, flags(map[string]string{
				"kubeconfig":                            l.KubeconfigOf(admin),
				"config":                                l.stages(),
				"manage-all-nodes":                      "false",
				"manage-nodes-with-annotation-selector": "kwok.x-k8s.io/node=fake",
				"cidr":                                  podNetwork,
				"node-ip":                               "10.0.0.10", // only for nodes without an address of their own
				// Without a heartbeat all nodes would fail after the grace period; there is one in a quarter of this time.
				"node-lease-duration-seconds": "240",
			})...),
		},
		Stage: Workers, program: programServices,
		files: []string{l.KubeconfigOf(admin), l.stages()},
	}
}

func (l Lab) helmController() Server {
	return Server{
		Spec: process.Spec{
			Name: "helm-controller",
			Args: append([]string{"helm-controller"}, flags(map[string]string{"kubeconfig": l.KubeconfigOf(admin), "node-name": "pi1"})...),
			// The lease can be long: there is one controller, and after a restart it has the same name (that of the host), so it
			// takes its own lease up again. A short one would end the controller when the machine is busy or the API server away.
			Env: []string{
				"CATTLE_ELECTION_LEASE_DURATION=60m", "CATTLE_ELECTION_RENEW_DEADLINE=50m", "CATTLE_ELECTION_RETRY_PERIOD=10s",
			},
		},
		Stage: Workers, program: programKubernetes,
		files: []string{l.KubeconfigOf(admin)},
	}
}

func (l Lab) helmRunner() Server {
	return Server{
		Spec: process.Spec{
			Name: "helm-runner",
			Args: append([]string{"helm-runner"}, flags(map[string]string{"kubeconfig": l.KubeconfigOf(admin)})...),
		},
		Stage: Workers, program: programServices,
		files: []string{l.KubeconfigOf(admin)},
	}
}

// flags writes options in a fixed order, because a server with other arguments is
// restarted.
func flags(values map[string]string) []string {
	var list []string
	for name, value := range values {
		list = append(list, "--"+name+"="+value)
	}
	slices.Sort(list)
	return list
}

func port(number int) string { return strconv.Itoa(number) }
