// SPDX-License-Identifier: AGPL-3.0-or-later

package rollout

import (
	"testing"

	"github.com/stretchr/testify/require"
	core "k8s.io/api/core/v1"
)

func TestTerminalProblems(t *testing.T) {
	cases := map[string]struct {
		reason  string
		problem PodProblem
		want    bool
	}{
		"wrong configuration": {"Tempo 3 with the settings of 2: the first crash is enough", PodProblem{Reason: "CrashLoopBackOff", Restarts: 1, Message: "failed parsing config: field compactor not found in type app.Config"}, true},
		"no such receiver":    {"Tempo 2.10.6 with opencensus", PodProblem{Reason: "CrashLoopBackOff", Restarts: 1, Message: `failed to create distributor: 'receivers' unknown type: "opencensus"`}, true},
		"crashed often":       {"whatever it logs", PodProblem{Reason: "CrashLoopBackOff", Restarts: 3, Terminal: true}, true},
		"no such image name":  {"the kubelet does not even try to pull it", PodProblem{Reason: "InvalidImageName", Terminal: true}, true},
		"starting":            {"the log line alone does not count", PodProblem{Reason: "ContainerCreating", Message: "failed parsing config"}, false},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, test.want, Cluster{}.isTerminal(t.Context(), core.Pod{}, test.problem), test.reason)
		})
	}
}

// The messages are the kubelet's.
func TestContainersThatTheKubeletCannotMakeYet(t *testing.T) {
	cases := map[string]struct {
		reason, waits, message string
		terminal               bool
	}{
		"slow node":        {"it tries again, and soon has the Secret", "CreateContainerConfigError", "failed to sync secret cache: timed out waiting for the condition", false},
		"slow, its config": {"the same", "CreateContainerConfigError", "failed to sync configmap cache: timed out waiting for the condition", false},
		"no Secret":        {"nobody makes it while this run waits", "CreateContainerConfigError", `secret "tempo-s3-credentials" not found`, true},
		"no such image":    {"the kubelet does not even try to pull it", "InvalidImageName", "couldn't parse image reference", true},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			waiting := core.ContainerState{Waiting: &core.ContainerStateWaiting{Reason: test.waits, Message: test.message}}
			pod := core.Pod{Status: core.PodStatus{Phase: core.PodPending, ContainerStatuses: []core.ContainerStatus{{Name: "querier", State: waiting}}}}
			require.Equal(t, &PodProblem{Container: "querier", Reason: test.waits, Message: test.message, Terminal: test.terminal}, Diagnose(pod), test.reason)
		})
	}
}
