// SPDX-License-Identifier: AGPL-3.0-or-later

// Package helmjob reads the Jobs in which k3s' Helm controller runs Helm for a
// HelmChart.
package helmjob

import (
	"context"
	"io"
	"strings"
	"time"

	batch "k8s.io/api/batch/v1"
	core "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/lazyregexp"
)

// Job is the job of one HelmChart.
type Job struct {
	Name  string
	State State
	// Reason says why its pod failed, "" if it has not.
	Reason string
	// Hash identifies its configuration, "" when there is no job.
	Hash string
	UID  types.UID
	// Ended is when it completed, the zero time before.
	Ended time.Time
}

// State is the state of a job.
type State string

const (
	// Absent means there is no job: the controller is replacing it.
	Absent State = "absent"
	// Active is a job whose pod runs, or will be restarted.
	Active State = "active"
	// Suspended is a job that the controller has not started yet, or has stopped.
	Suspended State = "suspended"
	// Abandoned is a job that the controller stopped in order to replace it, with no pod
	// left that the controller would wait for.
	Abandoned State = "abandoned"
	// Complete is a job whose pod succeeded.
	Complete State = "complete"
)

// HashAnnotation is on the pods of the job (k3s-io/helm-controller,
// pkg/controllers/chart/chart.go, KeyConfigHash, the same since v0.9).
const HashAnnotation = "helmcharts.helm.cattle.io/configHash"

// ReplaceAnnotation is on a job that the controller has stopped in order to
// replace it (k3s-io/helm-controller, pkg/controllers/chart/chart.go,
// AnnotationReplaceWait). If the change behind that is reverted meanwhile, it
// neither replaces the job nor restarts it (0.16.27, jobReady and
// templateChanged).
const ReplaceAnnotation = "helmcharts.helm.cattle.io/replace-wait"

// StateOf returns the state; nil is no job.
func StateOf(j *batch.Job) State {
	if j == nil {
		return Absent
	}
	pods := j.Status.Active
	if j.Status.Terminating != nil {
		pods += *j.Status.Terminating
	}
	switch suspended := j.Spec.Suspend != nil && *j.Spec.Suspend; {
	case hasCondition(j, batch.JobComplete):
		return Complete
	case suspended && pods == 0 && j.Annotations[ReplaceAnnotation] != "":
		return Abandoned
	case suspended:
		return Suspended
	}
	return Active
}

// Read reads the job of the HelmChart with that name.
func Read(ctx context.Context, cluster kube.Reader, namespace, chart string) (Job, error) {
	name := "helm-install-" + chart
	found, err := cluster.Job(ctx, namespace, name)
	if err != nil {
		return Job{}, err
	}
	read := Job{Name: name, State: StateOf(found)}
	if found == nil {
		return read, nil
	}
	read.UID, read.Hash = found.UID, found.Spec.Template.Annotations[HashAnnotation]
	if found.Status.CompletionTime != nil {
		read.Ended = found.Status.CompletionTime.Time
	}
	if read.State != Complete {
		read.Reason, err = failure(ctx, cluster, found)
	}
	return read, err
}

// String is the job in a message.
func (j Job) String() string {
	switch j.State {
	case Absent:
		return "the job " + j.Name + " does not exist yet"
	case Suspended, Abandoned:
		return "the Helm controller has suspended the job " + j.Name
	case Complete: // a wait that goes on is for the next job
		return "the Helm controller has not replaced the job " + j.Name + " yet"
	case Active:
	}
	return "the job " + j.Name + " is running"
}

func hasCondition(j *batch.Job, condition batch.JobConditionType) bool {
	for _, c := range j.Status.Conditions {
		if c.Type == condition {
			return c.Status == core.ConditionTrue
		}
	}
	return false
}

// failure says why the job has failed, "" when it has not. The kubelet keeps
// restarting its container, so the job itself shows nothing for hours: the exit
// code of the container does.
func failure(ctx context.Context, cluster kube.Reader, j *batch.Job) (string, error) {
	pods, err := cluster.Pods(ctx, j.Namespace, "controller-uid="+string(j.UID))
	if err != nil {
		return "", err
	}
	for _, pod := range pods {
		end := lastTermination(pod)
		if end == nil || end.ExitCode == 0 {
			continue
		}
		if message := messageOf(ctx, cluster, pod, end); !metAnotherHelm(message) {
			return message, nil
		}
	}
	if hasCondition(j, batch.JobFailed) {
		return "it has reached its backoff limit", nil
	}
	return "", nil
}

// metAnotherHelm reports whether Helm only found another Helm at work: that of the
// previous job, which the controller has stopped and which is still finishing. The
// container is restarted (helm.sh/helm/v3 v3.22.0, pkg/action/action.go,
// errPending).
func metAnotherHelm(message string) bool {
	return strings.HasSuffix(message, "another operation (install/upgrade/rollback) is in progress")
}

// lastTermination is how a pod's container last terminated.
func lastTermination(pod core.Pod) *core.ContainerStateTerminated {
	if len(pod.Status.ContainerStatuses) == 0 {
		return nil
	}
	status := pod.Status.ContainerStatuses[0] // the Job's pod has one container
	if status.State.Terminated != nil {
		return status.State.Terminated
	}
	return status.LastTerminationState.Terminated
}

// messageOf is Helm's error, from the termination message or the log.
func messageOf(ctx context.Context, cluster kube.Reader, pod core.Pod, end *core.ContainerStateTerminated) string {
	if message := helmError(end.Message); message != "" {
		return message
	}
	lines := int64(200)
	for _, previous := range []bool{true, false} {
		stream, err := cluster.Log(ctx, pod.Namespace, pod.Name, &core.PodLogOptions{TailLines: &lines, Previous: previous})
		if err != nil {
			continue
		}
		log, _ := io.ReadAll(io.LimitReader(stream, 1<<20))
		_ = stream.Close()
		if message := helmError(string(log)); message != "" {
			return message
		}
	}
	return "its pod " + pod.Name + " failed"
}

// helmLine matches Helm's last line, or what the container's script says of a
// release that it leaves alone (k3s-io/klipper-helm, entry, helm_update).
var helmLine = lazyregexp.Regexp{Expr: `^(?:Error: .*|.*(?:UPGRADE|INSTALLATION) FAILED: .*|Release status is '.*|Unknown failure policy '.*)$`}

// helmError extracts Helm's error from the log of klipper-helm, which also
// prints its commands, and with them values.
func helmError(log string) string {
	last := ""
	for line := range strings.Lines(log) {
		if line = strings.TrimSpace(line); helmLine.Get().MatchString(line) {
			last = strings.TrimPrefix(line, "Error: ")
		}
	}
	return last
}
