// SPDX-License-Identifier: AGPL-3.0-or-later

package minio

import (
	"context"
	"slices"
	"strings"

	"github.com/minio/madmin-go/v3"
	s3 "github.com/minio/minio-go/v7"

	"github.com/picluster/tracing/modules/internal/secret"
)

// User is what the server says about a user. It never returns the key.
type User struct {
	Enabled bool
	// Policies are those attached to the user itself, sorted.
	Policies []string
}

// User reads a user; nil when there is none. The error is ErrNoAdmin when the
// store does not have MinIO's admin API.
func (s *Server) User(ctx context.Context, name string) (*User, error) {
	info, err := s.admin.GetUserInfo(ctx, name)
	s.transport.noteAdminError(err)
	switch {
	case missing(ctx, err, name, s.admin.ListUsers):
		return nil, nil
	case s.transport.noAdmin(err):
		return nil, ErrNoAdmin
	case err != nil:
		return nil, Failed("read user "+name, err)
	}
	return &User{Enabled: info.Status == madmin.AccountEnabled, Policies: splitPolicies(info.PolicyName)}, nil
}

// splitPolicies takes the comma-separated list of a user's policies apart.
func splitPolicies(list string) []string {
	policies := strings.FieldsFunc(list, func(r rune) bool { return r == ',' })
	slices.Sort(policies)
	return policies
}

// KeyWorks reports whether the store accepts this key for this user, and whether the
// bucket is there for it. A store checks the signature before the permission, so
// that AccessDenied means yes. Nobody can read a key back, so using it is the one
// way to know.
func (s *Server) KeyWorks(ctx context.Context, name string, key secret.Text, bucket string) (works, sees bool, err error) {
	client, err := s.as(name, key)
	if err != nil {
		return false, false, err
	}
	switch err := first(ctx, client, bucket); Code(err) {
	case "InvalidAccessKeyId", "SignatureDoesNotMatch":
		return false, false, nil
	case s3.AccessDenied:
		return true, true, nil
	case s3.NoSuchBucket:
		return true, false, nil
	default:
		return err == nil, err == nil, Failed("try the secret key of user "+name, err)
	}
}

// first asks for one object's name, the cheapest call that Tempo makes too.
func first(ctx context.Context, client *s3.Client, bucket string) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	for object := range client.ListObjectsIter(ctx, bucket, s3.ListObjectsOptions{MaxKeys: 1, Prefix: ProbePrefix}) {
		return object.Err
	}
	return nil
}

// PutUser creates a user, or sets key and status of one that exists.
func (s *Server) PutUser(ctx context.Context, name string, key secret.Text, enabled bool) error {
	return Failed("set user "+name, s.admin.SetUser(ctx, name, key.Reveal(), status(enabled)))
}

// SetUserEnabled enables or disables a user and leaves its key.
func (s *Server) SetUserEnabled(ctx context.Context, name string, enabled bool) error {
	return Failed("set status of user "+name, s.admin.SetUserStatus(ctx, name, status(enabled)))
}

// RemoveUser removes a user; it may be absent.
func (s *Server) RemoveUser(ctx context.Context, name string) error {
	err := s.admin.RemoveUser(ctx, name)
	if missing(ctx, err, name, s.admin.ListUsers) {
		return nil
	}
	return Failed("remove user "+name, err)
}

func status(enabled bool) madmin.AccountStatus {
	if enabled {
		return madmin.AccountEnabled
	}
	return madmin.AccountDisabled
}
