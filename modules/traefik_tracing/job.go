// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik

import (
	"context"
	"time"

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
	// stopped is whether the controller has not started it yet, or has stopped it.
	stopped bool
	// stuck is whether it was stopped in order to be replaced, and nothing is left
	// of it for which the controller would wait.
	stuck bool
	uid   types.UID
	// ended is when it was complete, the zero time before.
	ended time.Time
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
	state := stateOf(read)
	if !state.complete {
		state.failed, err = m.failure(ctx, read)
	}
	return state, err
}

func stateOf(j *batch.Job) job {
	stopped, pods := j.Spec.Suspend != nil && *j.Spec.Suspend, j.Status.Active
	if j.Status.Terminating != nil {
		pods += *j.Status.Terminating
	}
	ended := time.Time{}
	if j.Status.CompletionTime != nil {
		ended = j.Status.CompletionTime.Time
	}
	return job{name: j.Name, ended: ended, hash: j.Spec.Template.Annotations[hashAnnotation], complete: holds(j, batch.JobComplete),
		stopped: stopped, stuck: stopped && pods == 0 && j.Annotations[replaceAnnotation] != "", uid: j.UID}
}

func (j job) absent() bool { return j.uid == "" && !j.complete }

// String says what a message says of it.
func (j job) String() string {
	switch {
	case j.absent():
		return "the job " + j.name + " is not there yet"
	case j.stopped:
		return "the Helm controller holds the job " + j.name
	}
	return "the job " + j.name + " is at work"
}

func holds(j *batch.Job, condition batch.JobConditionType) bool {
	for _, c := range j.Status.Conditions {
		if c.Type == condition {
			return c.Status == core.ConditionTrue
		}
	}
	return false
}
