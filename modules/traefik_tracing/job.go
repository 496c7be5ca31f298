// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik

import (
	"context"
	"io"
	"regexp"
	"strings"

	batch "k8s.io/api/batch/v1"
	core "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/picluster/tracing/modules/internal/kube"
)

// job is the state of the controller's job that runs Helm.
type job struct {
	name string
	// hash tells the configuration it runs with, "" when there is no job.
	hash     string
	complete bool
	// stuck is whether the controller has stopped it in order to replace it.
	stuck bool
	uid   types.UID
	// failed says why it failed, "" while it has not.
	failed string
}

// hashAnnotation is on the pods of the job (k3s-io/helm-controller,
// pkg/controllers/chart/chart.go, KeyConfigHash, the same since v0.9).
const hashAnnotation = "helmcharts.helm.cattle.io/configHash"

// replaceAnnotation is on a job that the controller has stopped in order to
// replace it (k3s-io/helm-controller, pkg/controllers/chart/chart.go,
// AnnotationReplaceWait). When the change for which it did that is taken back
// meanwhile, it neither replaces the job nor starts it again (0.16.27, jobReady
// and templateChanged).
const replaceAnnotation = "helmcharts.helm.cattle.io/replace-wait"

// job reads the controller's job. Absent is a state: the controller replaces it.
func (m *Module) job(ctx context.Context, found Found) (job, error) {
	name := "helm-install-" + found.Name
	read, err := m.jobs.Jobs(found.Namespace).Get(ctx, name, meta.GetOptions{})
	if apierrors.IsNotFound(err) {
		return job{name: name}, nil
	}
	if err != nil {
		return job{}, kube.Fault("read Job "+found.Namespace+"/"+name, err)
	}
	stopped := read.Spec.Suspend != nil && *read.Spec.Suspend && read.Annotations[replaceAnnotation] != ""
	state := job{name: name, hash: read.Spec.Template.Annotations[hashAnnotation], complete: holds(read, batch.JobComplete), stuck: stopped, uid: read.UID}
	if !state.complete {
		state.failed, err = m.failure(ctx, read)
	}
	return state, err
}

func holds(j *batch.Job, condition batch.JobConditionType) bool {
	for _, c := range j.Status.Conditions {
		if c.Type == condition {
			return c.Status == core.ConditionTrue
		}
	}
	return false
}

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

// helmWord is how Helm begins its last line.
var helmWord = regexp.MustCompile(`^(?:Error: .*|.*(?:UPGRADE|INSTALLATION) FAILED: .*)$`)

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
