// SPDX-License-Identifier: AGPL-3.0-or-later

package bucket

import (
	"context"
	"errors"

	"github.com/picluster/tracing/modules/internal/minio"
)

// countLimit is how many objects are counted at most in a bucket that must be empty.
const countLimit = 1000

// Status is what was observed in the store. Nil is absent.
type Status struct {
	Bucket *Bucket
	User   *User
	Policy minio.Document
	// Store is what was found out about the store itself.
	Store Store
}

// Store is a kind of S3 store.
type Store struct {
	// Admin reports that users and policies are managed there.
	Admin bool
	// Region is the one for which it takes requests.
	Region string
	// AbortsItself reports that it clears unfinished uploads without a rule.
	AbortsItself bool
	// HidesBuckets reports that a bucket is there for the key alone that created it.
	HidesBuckets bool
	// Proven reports that this run made the calls of Tempo there.
	Proven bool
}

// Bucket is a bucket with its settings.
type Bucket struct {
	// Policy is the bucket's own, which says what everybody may do.
	Policy   minio.Document
	Settings Settings
	// Objects counts all versions; they are counted only where the bucket is to be removed.
	Objects int
}

// User is a user of the store. One that is made elsewhere has only a key.
type User struct {
	Enabled  bool
	Policies []string
	Key      Key
}

// Key says whether a user's key is the wanted one.
type Key string

// The states of a key. An unknown key was not tried. For a blind one, which is right,
// the bucket is not there.
const (
	KeyRight   Key = "right"
	KeyBlind   Key = "blind"
	KeyWrong   Key = "wrong"
	KeyUnknown Key = ""
)

// Observe reads bucket, user and policy.
func (c *client) Observe(ctx context.Context, spec Spec) (status Status, err error) {
	ctx = minio.Patient(ctx)
	if status.Bucket, err = c.bucket(ctx, spec); err != nil {
		return status, err
	}
	if status.User, status.Store.Admin, err = c.user(ctx, spec); err != nil {
		return status, err
	}
	if status.Store.Admin {
		status.Policy, err = c.store.Policy(ctx, spec.PolicyName)
	}
	if err == nil && status.Bucket != nil && !spec.absent() {
		// Last, since by now the server is known.
		status.Bucket.Settings, err = c.settings(ctx, spec, status.Store.Admin)
	}
	status.Store.Region = c.store.Region()
	status.Store.Proven = c.proven
	status.Store.AbortsItself, status.Store.HidesBuckets = c.store.AbortsItself(), c.store.HidesBuckets()
	return status, err
}

// bucket reads the bucket itself, and counts its objects where it is to be removed.
func (c *client) bucket(ctx context.Context, spec Spec) (*Bucket, error) {
	policy, found, err := c.store.BucketPolicy(ctx, spec.Bucket)
	if err != nil || !found {
		return nil, err
	}
	bucket := &Bucket{Policy: policy}
	switch {
	case !spec.absent() || !spec.RemoveBucket:
	case spec.ForceRemoveBucket:
		bucket.Objects, err = c.store.CountObjects(ctx, spec.Bucket, 0)
	default:
		bucket.Objects, err = c.store.CountObjects(ctx, spec.Bucket, countLimit)
	}
	return bucket, err
}

// user reads a user and tries its key; admin is false when users are made
// elsewhere.
func (c *client) user(ctx context.Context, spec Spec) (user *User, admin bool, err error) {
	if !managesUsers(spec.Args) {
		user, err = c.foreign(ctx, spec)
		return user, false, err
	}
	found, err := c.store.User(ctx, spec.User)
	if spec.Admin == "auto" && errors.Is(err, minio.ErrNoAdmin) {
		user, err = c.foreign(ctx, spec)
		return user, false, err
	}
	if err != nil || found == nil {
		return nil, true, err
	}
	user = &User{Enabled: found.Enabled, Policies: found.Policies}
	user.Key, err = c.key(ctx, spec, found.Enabled)
	return user, true, err
}

// foreign is a user that is made elsewhere: all that can be seen is its key.
func (c *client) foreign(ctx context.Context, spec Spec) (*User, error) {
	key, err := c.key(ctx, spec, true)
	return &User{Enabled: true, Policies: []string{}, Key: key}, err
}

// key tries the key where that tells something: a disabled user is refused
// with every key.
func (c *client) key(ctx context.Context, spec Spec, enabled bool) (Key, error) {
	if c.keyWritten && spec.UpdateSecret == updateAlways {
		return KeyRight, nil
	}
	if !enabled || !spec.triesKey() {
		return KeyUnknown, nil
	}
	works, sees, err := c.store.KeyWorks(ctx, spec.User, spec.UserSecretKey, spec.Bucket)
	switch {
	case err != nil || !works:
		return KeyWrong, err
	case !sees:
		return KeyBlind, nil
	}
	return KeyRight, nil
}
