// SPDX-License-Identifier: AGPL-3.0-or-later

package minio

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"github.com/minio/madmin-go/v3"

	"github.com/picluster/tracing/modules/internal/fault"
)

// ErrNoAdmin says that a store has no MinIO admin API.
var ErrNoAdmin error = &fault.Error{Kind: fault.Unsupported, Hint: "set admin: none, and create user and policy with the store's own tools",
	Op: "the store does not answer MinIO's admin calls"}

// noAdmin recognises the answer of a server that does not know the admin API:
// MinIO answers in JSON, while a plain S3 store takes the path for a bucket's and
// answers in XML, and a proxy or web page in anything else. RustFS has the API
// and answers in XML too, so what it says of a thing that does not exist takes
// precedence: see missing. Before MinIO, which has the API always, a page that is
// no refusal is a login or the like, behind which there may well be users.
func (a *answers) noAdmin(err error) bool {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) { // in an answer 200
		return !a.minio.Load()
	}
	var answer madmin.ErrorResponse
	if !errors.As(err, &answer) {
		return false
	}
	inXML := answer.XMLName.Local != "" && answer.Code != internalError
	// madmin-go puts the HTTP status instead of the code of an answer that it
	// cannot read.
	unreadable := strings.HasPrefix(answer.Code, "4") && !passing(answer.Code)
	return inXML || unreadable || unknownCall(err)
}

// passing recognises the statuses that say nothing of what is asked for.
func passing(status string) bool {
	return strings.HasPrefix(status, "408 ") || strings.HasPrefix(status, "429 ")
}

const internalError = "InternalError"

// missing reports whether err is the answer about a user or policy that does not
// exist. MinIO has a code for each; RustFS says NoSuchResource, or InternalError
// as for any other failure (rustfs 20d1266, rustfs/src/admin/handlers:
// iam_error.rs, and InfoCannedPolicy in policies.rs), and then only the list of
// all tells which it was.
func missing[T any](ctx context.Context, err error, name string, list func(context.Context) (map[string]T, error)) bool {
	switch Code(err) {
	case "XMinioAdminNoSuchUser", "XMinioAdminNoSuchPolicy", "NoSuchResource":
		return true
	case internalError:
		all, failed := list(ctx)
		_, found := all[name]
		return failed == nil && !found
	}
	return false
}
