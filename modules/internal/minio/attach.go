// SPDX-License-Identifier: AGPL-3.0-or-later

package minio

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"

	"github.com/minio/madmin-go/v3"

	"github.com/picluster/tracing/modules/internal/fault"
)

// SetPolicies changes the policies attached to a user from one set to another.
// Servers from before 2023 know only the call that replaces the whole set (minio,
// cmd/admin-router.go: set-user-or-group-policy, and idp/builtin/policy since
// RELEASE.2023-03-20). For both calls a user that is disabled does not exist
// (cmd/iam.go, GetUser).
func (s *Server) SetPolicies(ctx context.Context, user string, from, to []string) error {
	doing := "attach policies to user " + user
	err := s.associate(ctx, user, without(to, from), s.admin.AttachPolicy)
	if err == nil {
		err = s.associate(ctx, user, without(from, to), s.admin.DetachPolicy)
	}
	if unknownCall(err) {
		err = s.admin.SetPolicy(ctx, strings.Join(to, ","), user, false) //nolint:staticcheck // old servers know no other
	}
	return Failed(doing, err)
}

type association = func(context.Context, madmin.PolicyAssociationReq) (madmin.PolicyAssociationResp, error)

func (s *Server) associate(ctx context.Context, user string, policies []string, call association) error {
	if len(policies) == 0 {
		return nil
	}
	_, err := call(ctx, madmin.PolicyAssociationReq{Policies: policies, User: user})
	switch {
	case Code(err) == "XMinioAdminPolicyChangeAlreadyApplied":
		return nil // an earlier attempt got through and its answer was lost
	case ctx.Err() == nil && undeciphered(err):
		return fault.New(fault.Rejected, foreignHint, "the answer is not MinIO's")
	}
	return err
}

// undeciphered recognises an answer of success that the client could not decrypt.
// MinIO encrypts what it answers to this call with the administrator's key
// (madmin-go v3.0.109, attachOrDetachPolicyBuiltin); everything else that fails
// is a refusal with a code, the network's error with its address, or the context's.
func undeciphered(err error) bool {
	var asked *url.Error
	return err != nil && Code(err) == "" && !errors.As(err, &asked)
}

// unknownCall recognises the answer to an admin call that the server does not
// have: MinIO's (cmd/handler-utils.go, errorResponseHandler), and the plain
// HTTP and S3 words of others.
func unknownCall(err error) bool {
	switch Code(err) {
	case "XMinioAdminVersionMismatch", "NotImplemented", "MethodNotAllowed", "404 Not Found", "405 Method Not Allowed", "501 Not Implemented":
		return true
	}
	return false
}

func without(all, some []string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(item string) bool { return slices.Contains(some, item) })
}
