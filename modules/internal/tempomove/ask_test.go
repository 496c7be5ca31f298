// SPDX-License-Identifier: AGPL-3.0-or-later

package tempomove

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
	core "k8s.io/api/core/v1"

	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/kube"
)

// asking is a Reader that remembers whom it asked, and no pod answers it.
type asking []string

func (a *asking) GetFromPod(_ context.Context, at kube.PodPort, path string) (status int, text string, err error) {
	*a = append(*a, at.Pod+"/"+path)
	return 0, "", errors.New("no route to the pod")
}

// What cannot be done is known before the first write, and nobody is asked for
// what nobody needs to know.
func TestPodsAskedBeforeAMove(t *testing.T) {
	cases := map[string]struct {
		reason  string
		way     Strategy
		from    string
		to      string
		chart   string
		asked   []string
		holders int
		store   bool
	}{
		"to 3":            {"the ingester and the store", Drain, "2.10.8", "3.0.3", many, []string{"tempo-ingester/ready"}, 1, true},
		"to 3, lossy":     {"the user accepts the loss", Lossy, "2.10.8", "3.0.3", many, nil, 1, false},
		"to another mode": {"blocks are unchanged", Drain, "2.10.8", "2.10.8", single, []string{"tempo-ingester/ready"}, 1, false},
		"1 to 2":          {"the write-ahead log has another format, and blocks may have", Drain, "1.5.0", "2.10.8", many, []string{"tempo-ingester/ready"}, 1, true},
		"within 2":        {"the new pods replay the log", Drain, "2.10.8", "2.10.9", many, nil, 0, false},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			pods := []core.Pod{podOf("ingester", "grafana/tempo:"+test.from), podOf("querier", "grafana/tempo:"+test.from)}
			move := Between(Release{Namespace: "tracing", Strategy: test.way}, helm.Chart{Name: many, AppVersion: test.from}, pods, helm.Chart{Name: test.chart}, test.to)
			var asked asking
			move.Ask(t.Context(), &asked, pods)
			require.Equal(t, test.asked, []string(asked), test.reason)
			require.Len(t, move.Holders, test.holders, test.reason)
			if test.asked != nil {
				require.EqualError(t, move.Holders[0].Unreachable, "no route to the pod")
			}
			opened := false
			move.Look(t.Context(), func() (Store, error) {
				opened = true
				return nil, errors.New("no route to the store")
			})
			require.Equal(t, test.store, opened, test.reason)
			require.Equal(t, test.store, move.Blocks != nil)
			if test.store {
				require.EqualError(t, move.Blocks.Hidden, "no route to the store")
			}
		})
	}
}
