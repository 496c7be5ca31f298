// SPDX-License-Identifier: AGPL-3.0-or-later

package tempohelm

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/minio"
	"github.com/picluster/tracing/modules/internal/s3secret"
	"github.com/picluster/tracing/modules/internal/secret"
	"github.com/picluster/tracing/modules/internal/tempobudget"
	"github.com/picluster/tracing/modules/internal/tempomove"
)

// bucket is an object storage with two blocks that records what was looked for.
type bucket struct {
	tempobudget.Store // which a move does not use
	looked            []string
}

func (b *bucket) EdgeBlocks(_ context.Context, name, prefix string) (oldest, newest minio.Block, count int, err error) {
	b.looked = append(b.looked, name+"/"+prefix)
	return minio.Block{Format: "vParquet4"}, minio.Block{Format: "vParquet4"}, 2, nil
}

// The module knows the release, the pods and the credentials; the move knows what
// they mean for it.
func TestMoveIsDetected(t *testing.T) {
	owned := s3secret.Credentials{Owned: true, Data: map[string]secret.Text{s3secret.AccessKeyEntry: secret.NewText("new")}}
	cases := map[string]struct {
		reason string
		change func(*Spec, *Status)
		move   *tempomove.Move
		looked []string
	}{
		"2 to 3": {"with the credentials of the task", func(*Spec, *Status) {}, &tempomove.Move{
			From: "2.10.8", To: "3.0.3", FromChart: "tempo", ToChart: "tempo", FromVersion: "2.2.4", ToVersion: "3.0.0",
			Release: tempomove.Release{Namespace: "tracing", Name: "tempo", Strategy: "drain", Atomic: true, Timeout: 10 * time.Minute, Bucket: "b", Prefix: "p"},
			Blocks:  &tempomove.Blocks{Oldest: minio.Block{Format: "vParquet4"}, Newest: minio.Block{Format: "vParquet4"}, Count: 2},
		}, []string{"b/p"}},
		"nothing to do":      {"it is deployed", func(_ *Spec, s *Status) { s.Proposal.Deployed = true }, nil, nil},
		"a first install":    {"there is no previous version", func(_ *Spec, s *Status) { s.Proposal.Upgrade = false }, nil, nil},
		"to go":              {"its spans are deleted, too", func(spec *Spec, _ *Status) { spec.State = absent }, nil, nil},
		"the user's chart":   {"its contents are unknown", func(_ *Spec, s *Status) { s.Release.Chart.Name = "mine" }, nil, nil},
		"refused for others": {"the other refusal is reported", func(_ *Spec, s *Status) { s.Proposal.Refusal = context.Canceled }, nil, nil},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			spec, err := Module{}.Spec(asked(func(a *Args) { a.Migrate, a.Atomic, a.S3.Prefix = "drain", true, "p" }))
			require.NoError(t, err)
			status := Status{Release: helm.Release{Chart: helm.Chart{Name: "tempo", Version: "2.2.4", AppVersion: "2.10.8"}},
				Proposal: Proposal{Upgrade: true, Chart: helm.Chart{Name: "tempo", Version: "3.0.0", AppVersion: "3.0.3"}, Credentials: owned}}
			test.change(&spec, &status)
			storage := &bucket{}
			open := func(_ Spec, keys s3secret.Credentials) (store, error) {
				require.Equal(t, "new", keys.Data[s3secret.AccessKeyEntry].Reveal())
				return storage, nil
			}
			require.NoError(t, (&reader{store: open}).move(t.Context(), spec, &status))
			require.Equal(t, test.move, status.Move, test.reason)
			require.Equal(t, test.looked, storage.looked, test.reason)
		})
	}
}
