// SPDX-License-Identifier: AGPL-3.0-or-later

package bucket

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/minio"
	"github.com/picluster/tracing/modules/internal/plan"
)

// wanted is what the 2022 procedure asks for.
func wanted() Spec {
	one := 1
	return Spec{
		Args:     Args{Admin: "auto", Bucket: "k3s-tempo", User: "tempo", UserEnabled: true, PolicyName: "tempo"},
		Settings: Settings{AbortDays: &one},
		Policy:   minio.TempoPolicy("k3s-tempo"),
		Prove:    ProveChange,
	}
}

// gone is the spec of its removal.
func gone(bucket, objects bool) Spec {
	spec := wanted()
	spec.State, spec.RemoveBucket, spec.ForceRemoveBucket = "absent", bucket, objects
	return spec
}

// found is a MinIO server on which all of that is done.
func found() Status {
	return Status{
		Bucket: &Bucket{},
		User:   &User{Enabled: true, Policies: []string{"tempo"}, Key: KeyRight},
		Policy: minio.TempoPolicy("k3s-tempo"),
		Store:  Store{Region: "eu-west-1", Admin: true, AbortsItself: true},
	}
}

// everything lists all changes, the awaits too.
func everything(p plan.Plan) []string {
	paths := []string{}
	for _, change := range p.Changes {
		paths = append(paths, change.String())
	}
	return paths
}

func TestPlan(t *testing.T) {
	yes, days, bytes := true, 30, uint64(1<<30)
	for name, test := range map[string]struct {
		reason  string
		prepare func(*Spec, *Status)
		changes []string
	}{
		"nothing to do": {"nothing differs", func(*Spec, *Status) {}, []string{}},
		"nothing there": {"in the order of the seed procedure, with the attachment that it forgets, then proved",
			func(_ *Spec, have *Status) {
				*have = Status{Store: Store{Region: "eu-west-1", Admin: true, AbortsItself: true}}
			},
			[]string{"create bucket/k3s-tempo", "create user/tempo", "create policy/tempo", "update user/tempo/policies", "await access/tempo"}},
		"policy forgotten": {"the state that the seed procedure leaves behind",
			func(_ *Spec, have *Status) { have.User.Policies = []string{} }, []string{"update user/tempo/policies", "await access/tempo"}},
		"policy edited": {"an action was removed manually",
			func(_ *Spec, have *Status) { have.Policy = minio.Document{"Statement": []any{}} }, []string{"update policy/tempo", "await access/tempo"}},
		"key changed": {"the store refused the key",
			func(_ *Spec, have *Status) { have.User.Key = KeyWrong }, []string{"update user/tempo/secret_key", "await access/tempo"}},
		"key not tried": {"update_secret: on_create leaves the key",
			func(want *Spec, have *Status) { want.UpdateSecret, have.User.Key = "on_create", KeyUnknown }, []string{}},
		"key always written": {"as requested",
			func(want *Spec, have *Status) { want.UpdateSecret, have.User.Key = "always", KeyUnknown }, []string{"update user/tempo/secret_key", "await access/tempo"}},
		"user disabled": {"somebody disabled it",
			func(_ *Spec, have *Status) { have.User.Enabled, have.User.Key = false, KeyUnknown }, []string{"update user/tempo/enabled", "await access/tempo"}},
		"user to disable": {"then nothing is proved",
			func(want *Spec, _ *Status) { want.UserEnabled, want.Prove = false, ProveNever }, []string{"update user/tempo/enabled"}},
		"disabled user without policies": {"the server attaches no policy to a disabled user",
			func(want *Spec, have *Status) {
				want.UserEnabled, want.Prove = false, ProveNever
				have.User = &User{Policies: []string{}}
			}, []string{}},
		"foreign policy": {"other policies of the user are kept",
			func(_ *Spec, have *Status) { have.User.Policies = []string{"readonly", "tempo"} }, []string{}},
		"exclusive": {"unless requested otherwise",
			func(want *Spec, have *Status) {
				want.ExclusivePolicies, have.User.Policies = true, []string{"readonly", "tempo"}
			}, []string{"update user/tempo/policies", "await access/tempo"}},
		"versioning off": {"suspended is as far back as S3 goes",
			func(want *Spec, have *Status) {
				want.Settings.Versioning, have.Bucket.Settings.Versioning = "off", "suspended"
			}, []string{}},
		"versioning flipped": {"somebody switched it on",
			func(want *Spec, have *Status) {
				want.Settings.Versioning, have.Bucket.Settings.Versioning = "off", "on"
			}, []string{"update bucket/k3s-tempo/versioning", "await access/tempo"}},
		"new bucket with all settings": {"each is listed; object lock implies versioning",
			func(want *Spec, have *Status) {
				have.Bucket = nil
				want.Settings = Settings{Versioning: "on", ObjectLock: &yes, Quota: &bytes, AbortDays: &days, ExpireDays: &days, Tags: map[string]string{"a": "b"}}
			}, []string{"create bucket/k3s-tempo", "update bucket/k3s-tempo/quota", "update bucket/k3s-tempo/lifecycle", "update bucket/k3s-tempo/tags", "await access/tempo"}},
		"proof asked for": {"a proof is no change",
			func(want *Spec, _ *Status) { want.Prove = ProveAlways }, []string{"await access/tempo"}},
		"other store": {"without the admin API, user and policy are not managed",
			func(_ *Spec, have *Status) {
				have.Store, have.Policy, have.User = Store{}, nil, &User{Enabled: true, Key: KeyRight}
			}, []string{}},
	} {
		t.Run(name, func(t *testing.T) {
			want, have := wanted(), found()
			test.prepare(&want, &have)
			made, err := (&client{}).Plan(want, have)
			require.NoError(t, err)
			require.Equal(t, test.changes, everything(made), test.reason)
		})
	}
}

func TestLifecycle(t *testing.T) {
	none, one, week := 0, 1, 7
	for name, test := range map[string]struct {
		reason       string
		abortsItself bool
		have         Settings
		expire       *int
		after        any
	}{
		"MinIO":         {"it cleans up by itself, so nothing is read", true, Settings{}, nil, nil},
		"MinIO, expiry": {"no rule for unfinished uploads, which MinIO would refuse", true, Settings{AbortDays: &none, ExpireDays: &none}, &week, map[string]any{"abort_incomplete_days": 0, "expire_days": 7}},
		"other store":   {"the rule that Tempo's documentation recommends", false, Settings{AbortDays: &none, ExpireDays: &week}, nil, map[string]any{"abort_incomplete_days": 1, "expire_days": 7}},
		"as wanted":     {"nothing to do", false, Settings{AbortDays: &one, ExpireDays: &none}, &none, nil},
	} {
		t.Run(name, func(t *testing.T) {
			want, have := wanted(), found()
			want.Settings.ExpireDays, have.Bucket.Settings, have.Store.AbortsItself = test.expire, test.have, test.abortsItself
			made, err := (&client{}).Plan(want, have)
			require.NoError(t, err)
			if test.after == nil {
				require.Empty(t, made.Changes, test.reason)
				return
			}
			require.Equal(t, test.after, made.Changes[0].After, test.reason)
		})
	}
}

func TestRefusals(t *testing.T) {
	yes, no, bytes := true, false, uint64(1)
	for name, test := range map[string]struct {
		reason  string
		prepare func(*Spec, *Status)
		kind    fault.Kind
		text    string
	}{
		"key of a foreign user": {"it cannot be repaired by this module", func(_ *Spec, have *Status) { have.Store.Admin, have.User.Key = false, KeyWrong },
			fault.Denied, "the store refuses the key of user tempo, and users are not managed here"},
		"quota elsewhere": {"S3 has no quota", func(want *Spec, have *Status) { want.Settings.Quota, have.Store.Admin = &bytes, false },
			fault.Unsupported, "quota needs MinIO's admin API, which this store does not have"},
		"object lock afterwards": {"it can only be set when a bucket is created", func(want *Spec, have *Status) { want.Settings.ObjectLock, have.Bucket.Settings.ObjectLock = &yes, &no },
			fault.Unsupported, "bucket k3s-tempo exists, and its object lock is false, not true"},
		"bucket with traces": {"data is deleted only on request", func(want *Spec, have *Status) { *want, have.Bucket.Objects = gone(true, false), 3 },
			fault.Conflict, "bucket k3s-tempo holds 3 objects"},
		"bucket with many traces": {"counting stops early", func(want *Spec, have *Status) { *want, have.Bucket.Objects = gone(true, false), 1000 },
			fault.Conflict, "bucket k3s-tempo holds 1000 objects or more"},
	} {
		t.Run(name, func(t *testing.T) {
			want, have := wanted(), found()
			test.prepare(&want, &have)
			made, err := (&client{}).Plan(want, have)
			require.EqualError(t, err, test.text, test.reason)
			require.Equal(t, test.kind, fault.KindOf(err))
			require.NotEmpty(t, fault.HintOf(err))
			require.Empty(t, made.Changes)
		})
	}
}

func TestAbsent(t *testing.T) {
	for name, test := range map[string]struct {
		reason  string
		spec    Spec
		have    func(*Status)
		changes []string
	}{
		"bucket stays": {"traces outlive the user", gone(false, false), func(*Status) {},
			[]string{"delete user/tempo/policies", "delete user/tempo", "delete policy/tempo"}},
		"all of it": {"permissions first, data last", gone(true, true), func(have *Status) { have.Bucket.Objects = 12 },
			[]string{"delete user/tempo/policies", "delete user/tempo", "delete policy/tempo", "delete bucket/k3s-tempo/objects", "delete bucket/k3s-tempo"}},
		"disabled user": {"removing it also detaches", gone(false, false), func(have *Status) { have.User.Enabled = false },
			[]string{"delete user/tempo", "delete policy/tempo"}},
		"nothing there": {"absent already", gone(true, false), func(have *Status) { *have = Status{Store: have.Store} }, []string{}},
		"other store": {"users are not managed there", gone(true, false),
			func(have *Status) { have.Store, have.Policy = Store{}, nil }, []string{"delete bucket/k3s-tempo"}},
	} {
		t.Run(name, func(t *testing.T) {
			have := found()
			test.have(&have)
			made, err := (&client{}).Plan(test.spec, have)
			require.NoError(t, err)
			require.Equal(t, test.changes, everything(made), test.reason)
		})
	}
}

func TestWarnings(t *testing.T) {
	open := minio.Document{"Statement": []any{map[string]any{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject"}}}
	want, have := wanted(), found()
	have.Bucket.Policy = open
	made, err := (&client{}).Plan(want, have)
	require.NoError(t, err)
	require.Empty(t, made.Changes, "public access is only reported")
	require.Equal(t, []string{"bucket k3s-tempo allows anonymous access: set anonymous_access: closed to end that"}, made.Warnings)

	want.AnonymousAccess = "closed"
	made, err = (&client{}).Plan(want, have)
	require.NoError(t, err)
	require.Empty(t, made.Warnings)
	require.Equal(t, []string{"update bucket/k3s-tempo/anonymous_access"}, made.Paths())
}
