// SPDX-License-Identifier: AGPL-3.0-or-later

package tempomove

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/kube"
)

// pods answer instead of ingesters: each look at the metrics of one stores a
// block, unless it is stuck.
type pods struct {
	waiting map[string]int
	ended   map[string]bool
	traces  int
	stuck   bool
	refused error
	// orders are those that were given, each once.
	orders []string
}

func (p *pods) GetFromPod(_ context.Context, at kube.PodPort, path string) (status int, text string, err error) {
	if path == "ready" && p.ended[at.Pod] {
		return http.StatusServiceUnavailable, "Terminated: 1", nil
	}
	if path == "ready" {
		return http.StatusOK, "ready", nil
	}
	page := fmt.Sprintf("%s{tenant=\"a\"} %d\n%s %d\n", liveTraces, p.traces, queueLength, p.waiting[at.Pod])
	if p.waiting[at.Pod] > 0 && !p.stuck {
		p.waiting[at.Pod]--
	}
	return http.StatusOK, page, nil
}

func (p *pods) PostToPod(_ context.Context, at kube.PodPort, path string) (status int, text string, err error) {
	if order := path + " " + at.Pod; !slices.Contains(p.orders, order) {
		p.orders = append(p.orders, order)
	}
	if p.refused != nil {
		return 0, "", p.refused
	}
	p.ended[at.Pod] = path == "shutdown"
	return http.StatusNoContent, "", nil
}

func TestDrain(t *testing.T) {
	both := []string{"flush a", "flush b", "shutdown a", "shutdown b"}
	cases := map[string]struct {
		reason string
		way    Strategy
		world  pods
		deaf   error
		orders []string
		kind   fault.Kind
		says   string
	}{
		"stored":          {"all are flushed before the first is stopped", Drain, pods{waiting: map[string]int{"a": 3, "b": 1}}, nil, both, "", ""},
		"lossy":           {"the user accepts the loss", Lossy, pods{waiting: map[string]int{"a": 3}}, nil, nil, "", ""},
		"one unreachable": {"Tempo 2 reads the log of Tempo 1", Drain, pods{waiting: map[string]int{"a": 3}}, errors.New("no route"), []string{"flush a", "shutdown a"}, "", ""},
		"stuck":           {"nothing is stopped before it is flushed", Drain, pods{waiting: map[string]int{"a": 3}, stuck: true}, nil, both[:2], fault.Timeout, "3 blocks of pod a wait to be stored"},
		"left over":       {"the shutdown did not flush everything", Drain, pods{traces: 4}, nil, both, fault.Conflict, "pod a still holds 4 traces and blocks"},
		"denied":          {"no further request is sent", Drain, pods{refused: fault.Wrap(fault.Denied, "", "ask", errors.New("forbidden"))}, nil, both[:1], fault.Denied, "forbidden"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				world := test.world
				world.ended = map[string]bool{}
				move := Move{Release: Release{Strategy: test.way, Timeout: time.Minute}, Holders: []Holder{{PodPort: kube.PodPort{Pod: "a"}}, {PodPort: kube.PodPort{Pod: "b"}, Unreachable: test.deaf}}}
				err := move.Drain(t.Context(), &world, &world)
				require.Equal(t, test.orders, world.orders, test.reason)
				if test.says == "" {
					require.NoError(t, err, test.reason)
					return
				}
				require.ErrorContains(t, err, test.says, test.reason)
				require.Equal(t, test.kind, fault.KindOf(err))
			})
		})
	}
}
