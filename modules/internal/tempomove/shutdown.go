// SPDX-License-Identifier: AGPL-3.0-or-later

package tempomove

import (
	"cmp"
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/wait"
)

// A block that an ingester cuts by itself is in its queue up to ten seconds later,
// in no metric meanwhile, and a shutdown waits for the queue alone (grafana/tempo
// modules/ingester/flush.go@v1.5.0..v2.10.8, flushJitter). A block that /flush cuts
// is there at once.
const jitter = 10 * time.Second

// pace is how often the ingesters are flushed so that they cut none by themselves.
// They only cut traces to which nothing was added for trace_idle_period, 5 s by
// default in 2.10 and 10 s before, and a flush leaves none so old. Where that is
// shorter, a flush of some traces still begins the age of the block anew, which so
// does not reach max_block_duration.
const pace = time.Second

// shutdown ends the ingesters when none of them has cut a block by itself for so
// long that it is in no queue. Each is told once: a second handler would end it
// before the first has cut what it holds.
func (d drain) shutdown(ctx context.Context, holders []Holder) error {
	for _, holder := range holders {
		metrics, err := d.metrics(ctx, holder.PodPort)
		if err != nil {
			return err
		}
		d.told[holder.Pod] = metrics[processStart]
	}
	if err := d.settle(ctx, holders); err != nil {
		return err
	}
	return d.order(ctx, holders, "shutdown")
}

// settle waits until the blocks that the ingesters have cut by themselves are in
// their queues, and keeps them from cutting further ones. It ends with a flush: up
// to Tempo 2.3 what a shutdown cuts is in the queue a moment after it has looked
// whether that is empty, which it is not yet then.
func (d drain) settle(ctx context.Context, holders []Holder) error {
	wait.Report(ctx, "blocks that ingesters have just cut may not be in their queues yet: this takes %s", jitter+pace)
	for until := time.Now().Add(jitter + pace); ; {
		if err := d.order(ctx, holders, "flush"); err != nil {
			return err
		}
		if time.Now().After(until) {
			return nil
		}
		if !wait.Pause(ctx, pace) {
			return cmp.Or(ctx.Err(), context.DeadlineExceeded)
		}
	}
}

// stopped reports whether the ingester has stored the rest and stopped.
func (d drain) stopped(ctx context.Context, pod kube.PodPort) (done bool, state string, err error) {
	status, text, err := d.reader.GetFromPod(ctx, pod, "ready")
	switch {
	case err != nil:
		return unanswered(err)
	case status == http.StatusOK:
		return false, "the ingester of pod " + pod.Pod + " still runs", d.again(ctx, pod)
	}
	return strings.Contains(text, "Terminated"), "the ingester of pod " + pod.Pod + " has not ended yet", nil
}

// again shuts down an ingester that the kubelet has restarted since. One that is
// ready yet only begins to end.
func (d drain) again(ctx context.Context, pod kube.PodPort) error {
	metrics, err := d.metrics(ctx, pod)
	if err != nil {
		_, _, err = unanswered(err)
		return err
	}
	if metrics[processStart] == d.told[pod.Pod] {
		return nil
	}
	return d.shutdown(ctx, []Holder{{PodPort: pod}})
}
