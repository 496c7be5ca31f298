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

	"github.com/picluster/tracing/modules/internal/kube"
)

// job is the state of the controller's job that runs Helm.
type job struct {
	name string
	// hash tells the configuration it runs with, "" when there is no job.
	hash     string
	complete bool
	// failed says why it failed, "" while it has not.
	failed string
}

// hashAnnotation is on the pods of the job (k3s-io/helm-controller,
// pkg/controllers/chart/chart.go, KeyConfigHash, the same since v0.9).
const hashAnnotation = "helmcharts.helm.cattle.io/configHash"

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
	state := job{name: name, hash: read.Spec.Template.Annotations[hashAnnotation], complete: holds(read, batch.JobComplete)}
	if read.Status.Failed > 0 || holds(read, batch.JobFailed) {
		state.failed = m.reason(ctx, read)
	}
	return state, nil
}

func holds(j *batch.Job, condition batch.JobConditionType) bool {
	for _, c := range j.Status.Conditions {
		if c.Type == condition {
			return c.Status == core.ConditionTrue
		}
	}
	return false
}

// reason is Helm's own word from the log of the job's newest pod.
func (m *Module) reason(ctx context.Context, j *batch.Job) string {
	lines := int64(200)
	pods, err := m.clients.Core.Pods(j.Namespace).List(ctx, meta.ListOptions{LabelSelector: "job-name=" + j.Name})
	if err != nil || len(pods.Items) == 0 {
		return conditionMessage(j)
	}
	for i := len(pods.Items) - 1; i >= 0; i-- {
		stream, err := m.clients.Core.Pods(j.Namespace).GetLogs(pods.Items[i].Name, &core.PodLogOptions{TailLines: &lines}).Stream(ctx)
		if err != nil {
			continue
		}
		log, _ := io.ReadAll(io.LimitReader(stream, 1<<20))
		_ = stream.Close()
		if word := helmError(string(log)); word != "" {
			return word
		}
	}
	return conditionMessage(j)
}

func conditionMessage(j *batch.Job) string {
	for _, c := range j.Status.Conditions {
		if c.Type == batch.JobFailed && c.Message != "" {
			return c.Message
		}
	}
	return "its pod ended with an error"
}

// helmWord is how Helm begins its last line.
var helmWord = regexp.MustCompile(`^(?:Error: .*|.*(?:UPGRADE|INSTALLATION) FAILED: .*)$`)

// helmError picks Helm's error out of the log of klipper-helm, which also prints
// its commands, and with them values.
func helmError(log string) string {
	last := ""
	for line := range strings.Lines(log) {
		if line = strings.TrimSpace(line); helmWord.MatchString(line) {
			last = strings.TrimPrefix(line, "Error: ")
		}
	}
	return last
}
