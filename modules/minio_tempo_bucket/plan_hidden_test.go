// SPDX-License-Identifier: AGPL-3.0-or-later

package bucket

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/minio"
)

// A bucket that Tempo's key would not find is refused before it is created.
func TestBucketForOneKey(t *testing.T) {
	const (
		let   = "let both keys in: garage bucket allow --read --write --owner k3s-tempo --key KEY"
		alone = "bucket k3s-tempo is there for access_key alone, so Tempo must log in with it; for another key create it on the store (garage bucket create k3s-tempo)"
	)
	for name, test := range map[string]struct {
		reason      string
		prepare     func(*Spec, *Status)
		fault, hint string
		warnings    []string
	}{
		"there, and not for Tempo": {"a run before this one created it", func(_ *Spec, have *Status) { have.User.Key = KeyBlind },
			"bucket k3s-tempo is there for access_key and not for user tempo", "name it for all keys (garage bucket alias ID k3s-tempo, with the ID of garage bucket list), and " + let, nil},
		"to create for another key": {"Tempo would not find it", func(_ *Spec, have *Status) { have.Bucket, have.User.Key = nil, KeyBlind },
			"bucket k3s-tempo would be there for access_key alone, and Tempo logs in as user tempo",
			"create it on the store (garage bucket create k3s-tempo), and " + let + "; or give the same key as access_key and user", nil},
		"to create for the same key": {"Tempo finds it", func(want *Spec, have *Status) { have.Bucket, have.User.Key, want.AccessKey = nil, KeyBlind, "tempo" }, "", "", nil},
		"to create for nobody":       {"whose key Tempo has is unknown", func(_ *Spec, have *Status) { have.Bucket, have.User.Key = nil, KeyUnknown }, "", "", []string{alone}},
		"in another store": {"there a bucket has one name for all", func(_ *Spec, have *Status) {
			have.Bucket, have.User.Key, have.Store.HidesBuckets = nil, KeyBlind, false
		}, "", "", nil},
		"let in": {"it has both keys", func(*Spec, *Status) {}, "", "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			want, have := wanted(), found()
			want.Admin, want.AccessKey, have.Policy, have.Store = "none", "admin", minio.Document(nil), Store{Region: "garage", HidesBuckets: true}
			have.Bucket.Settings.AbortDays, have.Bucket.Settings.ExpireDays = new(int), new(int)
			test.prepare(&want, &have)
			made, err := (&client{}).Plan(want, have)
			if test.fault != "" {
				require.EqualError(t, err, test.fault, test.reason)
				require.Equal(t, test.hint, fault.HintOf(err))
				return
			}
			require.NoError(t, err, test.reason)
			require.Equal(t, test.warnings, made.Warnings)
		})
	}
}

// withoutAdmin is a store without MinIO's admin API. A call that it lacks panics.
type withoutAdmin struct{ minio.Reader }

func (withoutAdmin) BucketPolicy(context.Context, string) (minio.Document, bool, error) {
	return nil, true, nil
}
func (withoutAdmin) User(context.Context, string) (*minio.User, error) { return nil, minio.ErrNoAdmin }
func (withoutAdmin) Lifecycle(context.Context, string) (minio.Lifecycle, error) {
	return minio.Lifecycle{AbortDays: 1}, nil
}
func (withoutAdmin) Region() string     { return "garage" }
func (withoutAdmin) AbortsItself() bool { return false }
func (withoutAdmin) HidesBuckets() bool { return true }

// A quota is refused by its name: the admin call for it would fail by another one.
func TestQuotaWithoutAdminAPI(t *testing.T) {
	want, bytes := wanted(), uint64(1<<30)
	want.Quota, want.Settings.Quota = "1GiB", &bytes
	c := &client{store: withoutAdmin{}}
	have, err := c.Observe(t.Context(), want)
	require.NoError(t, err)
	_, err = c.Plan(want, have)
	require.EqualError(t, err, "quota needs MinIO's admin API, which this store does not have")
	require.Equal(t, "leave quota out", fault.HintOf(err))
}
