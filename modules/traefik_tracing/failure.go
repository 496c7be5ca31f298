// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik

import (
	"context"
	"io"
	"regexp"
	"strings"

	batch "k8s.io/api/batch/v1"
	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/picluster/tracing/modules/internal/kube"
)

// failure says why the job has failed, "" when it has not. The kubelet starts
// its container again and again, so the job itself says nothing for hours: the
// exit code of the container does.
func (m *Module) failure(ctx context.Context, j *batch.Job) (string, error) {
	pods, err := m.clients.Core.Pods(j.Namespace).List(ctx, meta.ListOptions{LabelSelector: "controller-uid=" + string(j.UID)})
	if err != nil {
		return "", kube.Fault("list the pods of Job "+j.Namespace+"/"+j.Name, err)
	}
	for _, pod := range pods.Items {
		end := lastEnd(pod)
		if end == nil || end.ExitCode == 0 {
			continue
		}
		if word := m.reason(ctx, pod, end); !underway(word) {
			return word, nil
		}
	}
	if holds(j, batch.JobFailed) {
		return "it has failed too often", nil
	}
	return "", nil
}

// underway reports whether Helm only met another Helm at work: that of the job
// before, which the controller has stopped and which ends in its own time. The
// container is started again (helm.sh/helm/v3 v3.22.0, pkg/action/action.go,
// errPending).
func underway(word string) bool {
	return strings.HasSuffix(word, "another operation (install/upgrade/rollback) is in progress")
}

// lastEnd is how the container of a pod ended last.
func lastEnd(pod core.Pod) *core.ContainerStateTerminated {
	if len(pod.Status.ContainerStatuses) == 0 {
		return nil
	}
	status := pod.Status.ContainerStatuses[0] // the Job's pod has one container
	if status.State.Terminated != nil {
		return status.State.Terminated
	}
	return status.LastTerminationState.Terminated
}

// reason is Helm's own word, from the container's last message or its log.
func (m *Module) reason(ctx context.Context, pod core.Pod, end *core.ContainerStateTerminated) string {
	if word := helmError(end.Message); word != "" {
		return word
	}
	lines := int64(200)
	for _, previous := range []bool{true, false} {
		options := &core.PodLogOptions{TailLines: &lines, Previous: previous}
		stream, err := m.clients.Core.Pods(pod.Namespace).GetLogs(pod.Name, options).Stream(ctx)
		if err != nil {
			continue
		}
		log, _ := io.ReadAll(io.LimitReader(stream, 1<<20))
		_ = stream.Close()
		if word := helmError(string(log)); word != "" {
			return word
		}
	}
	return "its pod " + pod.Name + " ended with an error"
}

// helmWord is how Helm begins its last line, or what the container's script says
// of a release that it leaves alone (k3s-io/klipper-helm, entry, helm_update).
var helmWord = regexp.MustCompile(`^(?:Error: .*|.*(?:UPGRADE|INSTALLATION) FAILED: .*|Release status is '.*|Unknown failure policy '.*)$`)

// helmError picks Helm's error out of what klipper-helm writes, which also
// prints its commands, and with them values.
func helmError(log string) string {
	last := ""
	for line := range strings.Lines(log) {
		if line = strings.TrimSpace(line); helmWord.MatchString(line) {
			last = strings.TrimPrefix(line, "Error: ")
		}
	}
	return last
}
