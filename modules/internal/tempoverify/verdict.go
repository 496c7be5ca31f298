// SPDX-License-Identifier: AGPL-3.0-or-later

package tempoverify

import (
	"fmt"
	"slices"
	"strings"

	core "k8s.io/api/core/v1"

	"github.com/picluster/tracing/modules/internal/rollout"
	"github.com/picluster/tracing/modules/internal/secret"
)

// end is how the Job's pod ended.
type end struct {
	// over is false as long as the pod may still give a result.
	over bool
	// refusal is what Tempo has against the configuration, "" when it takes it.
	refusal string
	// undecided is why the pod gives no result, "" when it does.
	undecided string
}

// parsing is what Tempo says of a configuration with which it does not start; it
// ends with 1 for mere warnings, too (grafana/tempo cmd/tempo/main.go@v2.1.0..v3.0.3).
const parsing = "failed parsing config"

// stuck are the reasons of a waiting container that do not pass soon by themselves.
var stuck = []string{"ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "CreateContainerConfigError", "CreateContainerError"}

// endOf reads it from the pod.
func endOf(pod core.Pod) end {
	for _, status := range pod.Status.ContainerStatuses {
		waits, ended := status.State.Waiting, status.State.Terminated
		switch {
		case status.Name != container:
		case ended != nil:
			return said(ended)
		case waits != nil && slices.Contains(stuck, waits.Reason) && !rollout.Syncing(*waits):
			return end{over: true, undecided: fmt.Sprintf("its pod does not start: %s: %s", waits.Reason, waits.Message)}
		}
	}
	switch pod.Status.Phase {
	case core.PodSucceeded:
		return end{over: true, undecided: "its pod has ended, and no container in it, as on a simulated node"}
	case core.PodFailed:
		return end{over: true, undecided: "its pod has failed: " + pod.Status.Reason + " " + pod.Status.Message}
	case core.PodPending, core.PodRunning, core.PodUnknown:
	}
	return end{}
}

func said(ended *core.ContainerStateTerminated) end {
	at := strings.Index(ended.Message, parsing)
	switch {
	case ended.ExitCode > 1, at >= 0 && strings.Contains(ended.Message, secret.Hidden):
		return end{over: true, undecided: fmt.Sprintf("its pod ended with %d: %s", ended.ExitCode, brief(ended.Message))}
	case ended.ExitCode == 1 && at >= 0:
		return end{over: true, refusal: brief(ended.Message[at:])}
	}
	return end{over: true}
}

// brief is a message of several lines in one.
func brief(message string) string { return strings.Join(strings.Fields(message), " ") }
