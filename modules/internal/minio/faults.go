// SPDX-License-Identifier: AGPL-3.0-or-later

package minio

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"net/url"
	"strings"

	"github.com/minio/madmin-go/v3"
	s3 "github.com/minio/minio-go/v7"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/lazyregexp"
)

// known maps error codes of S3 (AWS, "Error responses") and of MinIO's admin
// API (minio, cmd/admin-handler-utils.go and cmd/api-errors.go) to what they
// mean for the user.
func known() map[string]meaning {
	return map[string]meaning{
		"InvalidAccessKeyId":                    {fault.Denied, "the store does not know this access key: check access_key"},
		"SignatureDoesNotMatch":                 {fault.Denied, "the secret key is wrong for this access key: check secret_key"},
		"AccessDenied":                          {fault.Denied, "this login lacks the permission: use MinIO's root user, or an administrator with the policy consoleAdmin"},
		"XMinioAdminInvalidAccessKey":           {fault.Usage, "choose another user: this name is the administrator's, or is not allowed by the server"},
		"XMinioAdminInvalidSecretKey":           {fault.Usage, "MinIO wants secret keys of 8 to 40 characters"},
		"XMinioAdminPolicyChangeAlreadyApplied": {fault.Conflict, "something else changed the user's policies at the same time: run again"},
		"RequestTimeTooSkewed":                  {fault.Denied, "the clocks of this host and of the store differ by more than 15 minutes: set them"},
		"NoSuchBucket":                          {fault.NotFound, "create the bucket first, with state: present"},
		"XMinioAdminNoSuchUser":                 {fault.NotFound, "create the user first, with state: present"},
		"XMinioAdminNoSuchPolicy":               {fault.NotFound, "create the policy first, with state: present"},
		"BucketAlreadyExists":                   {fault.Conflict, "the name is taken by somebody else on this store: choose another bucket"},
		"BucketNotEmpty":                        {fault.Conflict, "objects were written meanwhile: stop Tempo first"},
		"ClientDisconnected":                    {fault.Rejected, "MinIO broke the request off, as it does when another one works on the same bucket: run again"},
		noSuchUpload:                            {fault.Rejected, "the answer to its end was lost, or something else removes unfinished uploads: run again"},
		"InvalidRegion":                         {fault.Usage, "the server has a region of its own: give the same in region"},
		"AuthorizationHeaderMalformed":          {fault.Usage, "the server has a region of its own: give the same in region"},
		"XMinioServerNotInitialized":            {fault.Unreachable, "the server is still starting: wait, or look at its log"},
		"SlowDown":                              {fault.Unreachable, "the server is overloaded: try again later"},
		"ServiceUnavailable":                    {fault.Unreachable, "the store cannot do this now, as RustFS while it counts what a bucket with a quota holds: run again later"},
		"MalformedXML":                          {fault.Unsupported, "the store does not accept this rule: with abort_incomplete_days: 0 none is written for unfinished uploads"},
		"InvalidBucketState":                    {fault.Conflict, "object lock or replication keeps versioning switched on"},
		"NotImplemented":                        {fault.Unsupported, "this store lacks the feature: leave the option out"},
	}
}

type meaning struct {
	kind fault.Kind
	hint string
}

// Failed says in which step and for which thing a call failed. It adds the
// server's error code, kind and hint; nil stays nil.
func Failed(doing string, err error) error {
	if err == nil {
		return nil
	}
	code, text := Code(err), cause(err)
	row, ok := meaningOf(err)
	switch {
	case !ok && strings.HasPrefix(code, "429"):
		return fault.Wrap(fault.Unreachable, "the store, or a proxy in front of it, limits requests: run again later", doing, text)
	case !ok && (code == "InternalError" || strings.HasPrefix(code, "5")): // a status stands for the code of an answer that is not a store's
		return fault.Wrap(fault.Rejected, "the store had an internal error, or a proxy in front of it did: look at its log and run again", doing, text)
	case !ok && (foreign(err) || strings.HasPrefix(code, "200")): // a removal is answered with 204
		return fault.Wrap(fault.Rejected, foreignHint, doing, &coded{"the answer is not the store's", err})
	case !ok:
		return fault.During(doing, text)
	}
	return fault.Wrap(row.kind, row.hint, doing, text)
}

const foreignHint = "a proxy, or another program, answered in its place: check the endpoint, and what is in front of the store"

// errForeign is a success that lacks what a store's has.
var errForeign = errors.New("the answer lacks what a store's has")

// unlisted begins what minio-go says of an element that no list of versions has
// (v7, api-s3-datatypes.go, ListVersionsResult.UnmarshalXML).
const unlisted = "unrecognized option:"

// foreign recognises a success that the SDK cannot read. What the network says
// comes with its address.
func foreign(err error) bool {
	if errors.Is(err, errForeign) {
		return true
	}
	var asked *url.Error
	if errors.As(err, &asked) {
		return false
	}
	return strings.HasPrefix(err.Error(), unlisted) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		is[*xml.SyntaxError](err) || is[xml.UnmarshalError](err) || is[*json.SyntaxError](err) || is[*json.UnmarshalTypeError](err)
}

func is[E error](err error) bool {
	var target E
	return errors.As(err, &target)
}

// meaningOf finds what an answer means.
func meaningOf(err error) (meaning, bool) {
	if refused, ok := ofGarage(err); ok && refused.hint != "" {
		return meaning{fault.Denied, refused.hint}, true
	}
	row, ok := known()[Code(err)]
	return row, ok
}

// Code is the error code that the server gave, or the one of S3 that tells more;
// "" when the error is not an answer of the server.
func Code(err error) string {
	if refused, ok := ofGarage(err); ok && refused.code != "" {
		return refused.code
	}
	code, _ := said(err)
	return code
}

// said is the error code and the message that the server gave.
func said(err error) (code, message string) {
	var admin madmin.ErrorResponse
	if errors.As(err, &admin) {
		return admin.Code, admin.Message
	}
	var store s3.ErrorResponse
	if errors.As(err, &store) {
		return store.Code, store.Message
	}
	return "", ""
}

// cause shortens an error to what the user needs: the server's words with their
// code, or the network's without method and URL.
func cause(err error) error {
	if code, _ := said(err); code != "" {
		return &coded{unparsed.Get().ReplaceAllString(err.Error(), "") + " (" + code + ")", err}
	}
	var outer *url.Error
	if errors.As(err, &outer) {
		return outer.Err
	}
	return err
}

// unparsed is what madmin-go puts before an answer that is not in its form.
var unparsed = lazyregexp.Regexp{Expr: `Failed to parse server response \(.*?\): `}

// coded is an answer of the server with its code.
type coded struct {
	text  string
	cause error
}

func (c *coded) Error() string { return c.text }

// Unwrap returns the answer as the SDK has it.
func (c *coded) Unwrap() error { return c.cause }
