// SPDX-License-Identifier: AGPL-3.0-or-later

package minio

import (
	"bytes"

	s3 "github.com/minio/minio-go/v7"

	"github.com/picluster/tracing/modules/internal/lazyregexp"
)

// refusal is a reason for which Garage refuses a request.
type refusal struct {
	message lazyregexp.Regexp
	// code is S3's for this reason; "" if it is none that tells more.
	code string
	// hint is the next move; "" if the code has one.
	hint string
}

// Garage has one code for all refusals, AccessDenied, and tells them apart by their
// message alone (garage 2.5.0, src/api/common/signature/payload.rs, verify_v4, and
// src/api/s3: api_server.rs, handle, and bucket.rs, handle_create_bucket).
var refusals = []*refusal{
	{message: lazyregexp.Regexp{Expr: `^Forbidden: No such key: `}, code: s3.InvalidAccessKeyID},
	{message: lazyregexp.Regexp{Expr: `^Forbidden: Invalid signature`}, code: s3.SignatureDoesNotMatch},
	{message: lazyregexp.Regexp{Expr: `^Forbidden: Access key \S+ has expired`}, code: expired, hint: "give the key more time on the store (garage key set --expires-in), or use another"},
	{message: lazyregexp.Regexp{Expr: `^Forbidden: Operation is not allowed for this key`}, hint: "on the store: garage bucket allow --read --write --owner BUCKET --key KEY"},
	{message: lazyregexp.Regexp{Expr: `^Forbidden: Access key \S+ is not allowed to create buckets`}, hint: "on the store: garage bucket create BUCKET and garage bucket allow --read --write --owner BUCKET --key KEY"},
}

// expired is not a code of S3's: there keys do not expire by themselves.
const expired = "AccessKeyExpired"

// ofGarage finds the reason that Garage gave.
func ofGarage(err error) (*refusal, bool) {
	code, message := said(err)
	if code != s3.AccessDenied {
		return nil, false
	}
	for _, known := range refusals {
		if known.message.Get().MatchString(message) {
			return known, true
		}
	}
	return nil, false
}

// marksOfGarage are words that Garage alone has in its errors. It names itself
// nowhere.
var marksOfGarage = [][]byte{[]byte("<Message>Bucket not found: "), []byte("<Message>Unimplemented action: ")}

func saysGarage(body []byte) bool {
	for _, mark := range marksOfGarage {
		if bytes.Contains(body, mark) {
			return true
		}
	}
	return false
}

// HidesBuckets reports that a bucket created here is there for the key that created
// it alone, under a name of that key's own, as in Garage (src/api/s3/bucket.rs,
// handle_create_bucket). It is known after the first look for a bucket.
func (s *Server) HidesBuckets() bool { return s.transport.garage.Load() }
