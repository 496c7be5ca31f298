// SPDX-License-Identifier: AGPL-3.0-or-later

package compat

import "slices"

// Answer is what S3 stores answer to one kind of request.
type Answer struct {
	// Request is what is asked, in words.
	Request string
	// MinIO, RustFS, SeaweedFS and Garage are their answers: HTTP status and code of the error.
	MinIO, RustFS, SeaweedFS, Garage string
	// Does is what minio_tempo_bucket makes of the differences; "" for nothing.
	Does string
}

// answers were measured on MinIO of 2026-02-12 (7aac2a2), RustFS 1.0.1, SeaweedFS 4.53 and Garage 2.5.0.
var answers = []Answer{
	{"policy of a bucket", "404 `NoSuchBucketPolicy`", "404 `NoSuchBucketPolicy`", "404 `NoSuchBucketPolicy`", "501 `NotImplemented`", "asks whether there is such a bucket instead"},
	{"versioning of a bucket: read", "200", "200", "200", "200, off", ""},
	{"versioning of a bucket: write", "200", "200", "200", "501", "`versioning: \"on\"` is an error"},
	{"object lock of a bucket: read", "404 `ObjectLockConfigurationNotFoundError`", "404 `ObjectLockConfigurationNotFoundError`", "404 `ObjectLockConfigurationNotFoundError`", "501", "there is none"},
	{"create a bucket with object lock", "200", "200", "200", "200, without it", "an error: it is read back"},
	{"tags of a bucket", "404 `NoSuchTagSet`", "404 `NoSuchTagSet`", "404 `NoSuchTagSet`", "501", "`tags` is an error"},
	{"rule for unfinished uploads", "400 `InvalidArgument`: it removes them by itself", "200", "200", "200", "none is written to MinIO"},
	{"list versions of objects", "200", "200", "200", "501", "lists objects instead"},
	{"tags and ACL of an object", "200", "200", "200", "501", "neither Tempo nor the module asks for them"},
	{"wrong secret key", "403 `SignatureDoesNotMatch`", "403 `SignatureDoesNotMatch`", "403 `SignatureDoesNotMatch`", "403 `AccessDenied`: Invalid signature", "the message decides"},
	{"unknown access key", "403 `InvalidAccessKeyId`", "403 `InvalidAccessKeyId`", "403 `InvalidAccessKeyId`", "403 `AccessDenied`: No such key", "the message decides"},
	{"signed for another region", "taken, unless MINIO_SITE_REGION is set: then 400", "taken", "taken", "400 `AuthorizationHeaderMalformed`; its region is `garage` by default", "takes the server's region if `region` is not given"},
	{"a bucket that another key created", "there", "there", "there", "404 `NoSuchBucket`", "says how to create it for both keys"},
	{"MinIO's admin calls", "200, 404 in JSON", "200, 404 in XML", "404 `NoSuchBucket` in XML", "404 `NoSuchBucket` in XML", "users are not managed"},
	{"a policy for the resource `*`", "200", "400 `InvalidRequest`", "–", "–", "write `arn:aws:s3:::*` in `policy_document`"},
	{"a list of numbers or dates in a policy's condition", "200", "400 `InvalidRequest`", "–", "–", "a single one is written without a list"},
	{"a bucket's own policy with `Deny`", "for those without a login", "for users too", "not tried", "501", "the proof says what Tempo's user may not do"},
	{"a write just after a quota was set", "200", "now and then 503 `ServiceUnavailable`", "–", "–", "says to run again"},
}

// Answers are what S3 stores answer otherwise than MinIO.
func Answers() []Answer { return slices.Clone(answers) }
