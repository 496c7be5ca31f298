// SPDX-License-Identifier: AGPL-3.0-or-later

package runner

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// Times between attempts are those of a kubelet: at once, then 10 s, doubled up to 5 min.
const (
	firstPause = 10 * time.Second
	lastPause  = 5 * time.Minute
	mountPause = time.Second
)

// worker runs one pod: one container, restarted until it succeeds.
type worker struct {
	runner  *Runner
	pod     *corev1.Pod
	cancel  context.CancelFunc
	leaving chan struct{}
	once    sync.Once
	over    bool // guarded by the runner's mutex
}

// terminate lets a running attempt end by itself, as the container's script ignores SIGTERM, and cancels it after the
// grace period.
func (w *worker) terminate(grace time.Duration) {
	w.once.Do(func() {
		close(w.leaving)
		time.AfterFunc(grace, w.cancel)
	})
}

func (w *worker) isLeaving() bool {
	select {
	case <-w.leaving:
		return true
	default:
		return false
	}
}

// work attempts until success, until the pod must stop, or once if the pod must not be restarted.
func (w *worker) work(ctx context.Context) {
	for restarts := restartsOf(w.pod); ; restarts++ {
		started := time.Now()
		_ = w.report(ctx, running(w.pod, restarts, started)) // logged; the work continues without
		message, err := w.attempt(ctx)
		end := outcome{started: started, finished: time.Now(), restarts: restarts, message: message, failed: err != nil}
		w.tell(end, err)
		if err == nil || w.pod.Spec.RestartPolicy == corev1.RestartPolicyNever {
			w.finish(ctx, ended(w.pod, end))
			return
		}
		_ = w.report(ctx, backingOff(w.pod, end))
		if !w.rest(ctx, pauseBefore(restarts+1)) {
			return
		}
	}
}

// attempt is one start of the container: it returns the termination message, and an error for an exit code other than 0.
func (w *worker) attempt(ctx context.Context) (message string, err error) {
	root, err := os.MkdirTemp("", "helm-runner-")
	if err != nil {
		return "", fmt.Errorf("make a folder for the container: %w", err)
	}
	defer os.RemoveAll(root) //nolint:errcheck // the system clears its temporary folder too
	if err := w.mount(ctx, root); err != nil {
		return "", err
	}
	o, err := readOrder(w.pod.Spec.Containers[0], apiServer(w.runner.rest.Host))
	if err != nil {
		return withError(nil, err), err
	}
	helm, err := w.runner.newContainer(ctx, w.pod, o, root)
	if err != nil {
		return withError(nil, err), err
	}
	task := job{order: o, helm: helm}
	err = task.run(ctx)
	return withError(task.notes, err), err
}

// mount waits for the pod's volumes, as a node does.
func (w *worker) mount(ctx context.Context, root string) error {
	for {
		files, err := mountedFiles(ctx, w.runner.client, w.pod, w.pod.Spec.Containers[0])
		if err == nil {
			return writeFiles(root, files)
		}
		w.runner.log.Warn("waiting for the volumes", "pod", w.pod.Name, "cause", err)
		_ = w.report(ctx, creating(w.pod))
		if !w.rest(ctx, mountPause) {
			return errors.New("the pod was deleted before its volumes were there")
		}
	}
}

// rest pauses and returns false if the pod must stop meanwhile.
func (w *worker) rest(ctx context.Context, pause time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-w.leaving:
		return false
	case <-time.After(pause):
		return true
	}
}

func (w *worker) tell(end outcome, err error) {
	log := w.runner.log.With("pod", w.pod.Namespace+"/"+w.pod.Name, "restarts", end.restarts, "message", end.message)
	if err != nil {
		log.Error("the container failed", "cause", err)
		return
	}
	log.Info("the container succeeded")
}

// withError appends the error to the message. The real container writes errors only to its log, which simulated nodes do
// not have, so this is the only place to find them.
func withError(notes []string, err error) string {
	if err != nil {
		notes = append(notes, "Error: "+err.Error())
	}
	return strings.Join(notes, "\n")
}

func pauseBefore(restart int32) time.Duration {
	if restart <= 1 {
		return 0
	}
	pause := firstPause
	for range restart - 2 {
		pause = min(2*pause, lastPause)
	}
	return pause
}

func restartsOf(pod *corev1.Pod) int32 {
	if len(pod.Status.ContainerStatuses) == 0 {
		return 0
	}
	status := pod.Status.ContainerStatuses[0] // the Job's pod has one container
	if status.State.Running != nil {
		return status.RestartCount + 1 // a previous runner was stopped while the container ran
	}
	return status.RestartCount
}

func apiServer(url string) string { return strings.TrimPrefix(url, "https://") }
