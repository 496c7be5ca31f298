// SPDX-License-Identifier: AGPL-3.0-or-later

package tempomove

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/temporollout"
	"github.com/picluster/tracing/modules/internal/wait"
)

// Writer tells pods to do something. Only a step has one.
type Writer interface {
	PostToPod(ctx context.Context, at kube.PodPort, path string) (status int, text string, err error)
}

// drain is the work of one move.
type drain struct {
	reader  Reader
	writer  Writer
	timeout time.Duration
	// told is when the process in a pod began that was told to shut down, in seconds
	// since 1970, by the name of the pod.
	told map[string]float64
}

// Drain stores what the pods hold in the object storage. /flush does most of it
// while spans are still taken, and can be repeated; /shutdown takes no more, stores
// the rest and ends the ingester (grafana/tempo
// modules/ingester/flush.go@v1.5.0..v2.10.8). The pods have the rest of their
// probes' failure threshold, half a minute in both charts, for the upgrade that
// follows.
func (m *Move) Drain(ctx context.Context, reader Reader, writer Writer) error {
	if m == nil || m.lossy() {
		return nil
	}
	d, holders := drain{reader, writer, m.Release.Timeout, map[string]float64{}}, m.answering()
	if err := d.order(ctx, holders, "flush"); err != nil {
		return err
	}
	if err := d.all(ctx, holders, d.flushed); err != nil {
		return err
	}
	if err := d.shutdown(ctx, holders); err != nil {
		return err
	}
	if err := d.all(ctx, holders, d.stopped); err != nil {
		return err
	}
	return d.emptied(ctx, holders)
}

// answering are the pods that can be told something; where one that cannot would
// be lost the move is refused.
func (m *Move) answering() (all []Holder) {
	for _, holder := range m.Holders {
		if holder.Unreachable == nil {
			all = append(all, holder)
		}
	}
	return all
}

// look checks how far a pod is.
type look = func(context.Context, kube.PodPort) (done bool, state string, err error)

// all waits for each pod.
func (d drain) all(ctx context.Context, holders []Holder, done look) error {
	for _, holder := range holders {
		if err := d.await(ctx, holder.PodPort, done); err != nil {
			return err
		}
	}
	return nil
}

// order starts the same in each pod, which finishes it by itself.
func (d drain) order(ctx context.Context, holders []Holder, path string) error {
	for _, holder := range holders {
		if err := d.start(ctx, holder.PodPort, path); err != nil {
			return err
		}
	}
	return nil
}

func (d drain) start(ctx context.Context, pod kube.PodPort, path string) error {
	status, text, err := d.writer.PostToPod(ctx, pod, path)
	if err != nil || status < http.StatusMultipleChoices {
		return err
	}
	return fault.New(fault.Rejected, "look at the log of the pod: kubectl -n "+pod.Namespace+" logs "+pod.Pod, "pod %s answers /%s with %d: %s", pod.Pod, path, status, strings.TrimSpace(text))
}

func (d drain) await(ctx context.Context, pod kube.PodPort, done look) error {
	_, err := wait.Within(ctx, "the spans of pod "+pod.Pod+" to be stored", d.timeout, temporollout.Backoff, func(ctx context.Context) (bool, string, error) {
		return done(ctx, pod)
	})
	return err
}

// What an ingester tells of itself (grafana/tempo
// modules/ingester@v1.5.0..v2.10.8).
const (
	liveTraces    = "tempo_ingester_live_traces"
	queueLength   = "tempo_ingester_flush_queue_length"
	blocksFlushed = "tempo_ingester_blocks_flushed_total"
	processStart  = "process_start_time_seconds"
)

// flushed reports whether all blocks are stored or being stored.
func (d drain) flushed(ctx context.Context, pod kube.PodPort) (done bool, state string, err error) {
	metrics, err := d.metrics(ctx, pod)
	if err != nil {
		return unanswered(err)
	}
	waiting := metrics[queueLength]
	return waiting == 0, fmt.Sprintf("%v blocks of pod %s wait to be stored", waiting, pod.Pod), nil
}

// unanswered is a pod that does not answer for the moment.
func unanswered(err error) (done bool, state string, _ error) {
	if fault.KindOf(err) == fault.Unreachable {
		return false, err.Error(), nil
	}
	return false, "", err
}

// emptied checks that the pods hold nothing any more, and reports what they stored.
func (d drain) emptied(ctx context.Context, holders []Holder) error {
	for _, holder := range holders {
		metrics, err := d.metrics(ctx, holder.PodPort)
		if err != nil {
			return err
		}
		if left := metrics[liveTraces] + metrics[queueLength]; left > 0 {
			return fault.New(fault.Conflict, "run again; if it stays so, look at the log of the pod for failed flushes",
				"pod %s still holds %v traces and blocks after its ingester has ended", holder.Pod, left)
		}
		wait.Report(ctx, "pod %s holds nothing now: it has stored %v blocks since its start", holder.Pod, metrics[blocksFlushed])
	}
	return nil
}

// metrics reads the metrics of a pod, each as the sum over its labels.
func (d drain) metrics(ctx context.Context, pod kube.PodPort) (map[string]float64, error) {
	status, text, err := d.reader.GetFromPod(ctx, pod, "metrics")
	if err != nil {
		return nil, err
	}
	if status != http.StatusOK {
		return nil, fault.New(fault.Rejected, "", "pod %s answers /metrics with %d", pod.Pod, status)
	}
	return sums(text), nil
}

// sums adds up the samples of a page of metrics by their names (Prometheus, text
// exposition format). For three numbers Prometheus' parser, expfmt, which nothing
// else needs, would make the program larger.
func sums(page string) map[string]float64 {
	found := map[string]float64{}
	lines := bufio.NewScanner(strings.NewReader(page))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		series, value, ok := strings.Cut(lines.Text(), " ")
		if at := strings.LastIndexByte(lines.Text(), '}'); at > 0 {
			series, value, ok = lines.Text()[:at], strings.TrimSpace(lines.Text()[at+1:]), true
		}
		name, _, _ := strings.Cut(series, "{")
		if sample, err := strconv.ParseFloat(value, 64); ok && err == nil && !strings.HasPrefix(name, "#") {
			found[name] += sample
		}
	}
	return found
}
