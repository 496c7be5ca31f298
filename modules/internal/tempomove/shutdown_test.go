// SPDX-License-Identifier: AGPL-3.0-or-later

package tempomove

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/kube"
)

// cutter cuts traces and blocks as Tempo's does, at the worst moments (grafana/tempo
// modules/ingester/{flush,instance}.go@v1.5.0..v2.10.8).
type cutter struct {
	check, idle, longest time.Duration

	lock sync.Mutex
	// traces are when spans were added to the live ones, collected how many the head
	// block has, begun when the block before it was cut.
	traces    []time.Time
	collected int
	begun     time.Time
	// queued is when the last block that it cut by itself is in its queue.
	queued           time.Time
	ended, abandoned bool
}

// runs takes a trace every so often from a time on, and cuts by itself, until the
// context ends.
func (i *cutter) runs(ctx context.Context, first, every time.Duration) {
	began := time.Now()
	for next := began; ctx.Err() == nil; time.Sleep(10 * time.Millisecond) {
		if time.Since(began) >= first {
			i.takes()
			first += every
		}
		if !time.Now().Before(next) {
			i.cut(false)
			next = next.Add(i.check)
		}
	}
}

func (i *cutter) takes() {
	i.lock.Lock()
	defer i.lock.Unlock()
	if !i.ended {
		i.traces = append(i.traces, time.Now())
	}
}

func (i *cutter) cut(atOnce bool) {
	i.lock.Lock()
	defer i.lock.Unlock()
	live := len(i.traces)
	i.traces = slices.DeleteFunc(i.traces, func(added time.Time) bool { return atOnce || time.Since(added) > i.idle })
	i.collected += live - len(i.traces)
	if i.collected == 0 || !atOnce && time.Since(i.begun) <= i.longest {
		return
	}
	i.collected, i.begun = 0, time.Now()
	if !atOnce {
		i.queued = time.Now().Add(10*time.Second - time.Millisecond)
	}
}

func (i *cutter) GetFromPod(_ context.Context, _ kube.PodPort, path string) (status int, text string, err error) {
	if path == "ready" {
		return http.StatusServiceUnavailable, "Terminated: 1", nil
	}
	return http.StatusOK, queueLength + " 0\n", nil
}

func (i *cutter) PostToPod(_ context.Context, _ kube.PodPort, path string) (status int, text string, err error) {
	i.cut(true)
	if path == "shutdown" {
		i.lock.Lock()
		defer i.lock.Unlock()
		i.ended, i.abandoned = true, time.Now().Before(i.queued)
	}
	return http.StatusNoContent, "", nil
}

// A block that an ingester has cut by itself is not in the queue for up to ten
// seconds, in which it is in no metric either: none is in between at the shutdown.
func TestNoBlockIsAbandoned(t *testing.T) {
	cases := map[string]struct {
		reason       string
		cutter       *cutter
		before       time.Duration
		first, every time.Duration
	}{
		"just cut":       {"it has waited for no time at all", &cutter{check: 10 * time.Second, idle: 5 * time.Second, longest: 30 * time.Minute}, 30*time.Minute + 10*time.Second, 0, time.Second},
		"short blocks":   {"further blocks are old enough within the ten seconds", &cutter{check: 10 * time.Second, idle: 5 * time.Second, longest: 5 * time.Second}, time.Minute, 0, 100 * time.Millisecond},
		"short times":    {"traces are soon complete, too", &cutter{check: time.Second, idle: time.Second, longest: 2 * time.Second}, time.Minute, 0, 100 * time.Millisecond},
		"a long silence": {"a flush of nothing does not begin a block, so that the next one is old from its start", &cutter{check: 10 * time.Second, idle: 5 * time.Second, longest: 30 * time.Minute}, time.Hour, time.Hour + 100*time.Millisecond, time.Hour},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				world := test.cutter
				world.begun = time.Now()
				ctx, end := context.WithCancel(t.Context())
				var running sync.WaitGroup
				defer running.Wait()
				defer end()
				running.Go(func() { world.runs(ctx, test.first, test.every) })
				time.Sleep(test.before)
				move := Move{Release: Release{Strategy: Drain, Timeout: time.Minute}, Holders: []Holder{{PodPort: kube.PodPort{Pod: "a"}}}}
				require.NoError(t, move.Drain(ctx, world, world))
				require.False(t, world.abandoned, test.reason)
			})
		})
	}
}

// starting is a pod that stays ready for some looks after a shutdown, in which the
// kubelet may replace its process.
type starting struct {
	cutter
	ready     int
	restarts  bool
	process   int
	shutdowns []time.Time
}

func (s *starting) GetFromPod(_ context.Context, _ kube.PodPort, path string) (status int, text string, err error) {
	if path == "metrics" {
		return http.StatusOK, fmt.Sprintf("%s 1.7e+09%d\n", processStart, s.process), nil
	}
	if s.ready--; s.ready < 0 {
		return http.StatusServiceUnavailable, "Terminated: 1", nil
	}
	if s.restarts {
		s.process, s.restarts = s.process+1, false
	}
	return http.StatusOK, "ready", nil
}

func (s *starting) PostToPod(ctx context.Context, at kube.PodPort, path string) (status int, text string, err error) {
	if path == "shutdown" {
		s.shutdowns = append(s.shutdowns, time.Now())
	}
	return s.cutter.PostToPod(ctx, at, path)
}

// A second shutdown ends an ingester before the first one has cut what it holds.
func TestEachProcessIsShutDownOnce(t *testing.T) {
	cases := map[string]struct {
		reason string
		pod    *starting
		want   int
	}{
		"still ready": {"it takes a moment until it is not", &starting{ready: 3}, 1},
		"restarted":   {"the new process has replayed the log, so that its blocks are late, too", &starting{ready: 3, restarts: true}, 2},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				pod := test.pod
				move := Move{Release: Release{Strategy: Drain, Timeout: time.Minute}, Holders: []Holder{{PodPort: kube.PodPort{Pod: "a"}}}}
				require.NoError(t, move.Drain(t.Context(), pod, pod))
				require.Len(t, pod.shutdowns, test.want, test.reason)
				last := pod.shutdowns[test.want-1]
				require.True(t, test.want == 1 || last.Sub(pod.shutdowns[0]) > 10*time.Second, test.reason)
			})
		})
	}
}
