// SPDX-License-Identifier: AGPL-3.0-or-later

package tempoverify

import (
	"context"
	"fmt"
	"time"

	batch "k8s.io/api/batch/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/wait"
)

// Patience is how long a Job may take, with pulling the image, and
// its removal.
const Patience = jobTimeout + removal

const jobTimeout, removal = 2 * time.Minute, 20 * time.Second

// often is how often the pod is looked at.
var often = wait.Backoff{Initial: 250 * time.Millisecond, Max: 2 * time.Second}

// Run has a Job read the configuration, and removes it. Its error is that Tempo
// does not start with it. Unless a Job could tell, undecided says why.
func Run(ctx context.Context, clients kube.Clients, s Subject) (undecided string, err error) {
	made, err := s.job()
	if err != nil {
		return err.Error(), nil
	}
	job, err := clients.Batch.Jobs(s.Namespace).Create(ctx, made, meta.CreateOptions{FieldManager: kube.Manager})
	if err != nil {
		return kube.Fault("make a job that verifies the configuration", err).Error(), nil
	}
	defer remove(ctx, clients, job)
	found := await(ctx, clients.Reader(), job)
	if found.refusal == "" {
		return found.undecided, nil
	}
	return "", fault.New(fault.Unsupported, "correct it in values; verify_job: false leaves the Job out",
		"Tempo (%s) does not start with the configuration that the chart renders: %s", job.Spec.Template.Spec.Containers[0].Image, found.refusal)
}

// await waits for the end of the Job's pod, for as long as it may take.
func await(ctx context.Context, cluster kube.Reader, job *batch.Job) (found end) {
	_, err := wait.Within(ctx, "Tempo to read its new configuration", jobTimeout, often, func(ctx context.Context) (bool, string, error) {
		pods, err := cluster.Pods(ctx, job.Namespace, "controller-uid="+string(job.UID))
		for _, pod := range pods {
			found = endOf(pod)
		}
		return found.over, fmt.Sprintf("job %s has %d pods", job.Name, len(pods)), err
	})
	if err != nil {
		found.undecided = err.Error()
	}
	return found
}

// remove removes the Job with its pod, even if the run is over: one that stays
// ends and is removed by itself.
func remove(ctx context.Context, clients kube.Clients, job *batch.Job) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), removal)
	defer cancel()
	with := meta.DeletePropagationBackground
	if err := clients.Batch.Jobs(job.Namespace).Delete(ctx, job.Name, meta.DeleteOptions{PropagationPolicy: &with}); err != nil {
		wait.Report(ctx, "job %s could not be removed, and goes by itself: %v", job.Name, err)
	}
}
