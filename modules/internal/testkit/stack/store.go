// SPDX-License-Identifier: AGPL-3.0-or-later

package stack

import (
	"testing"

	"github.com/picluster/tracing/modules/internal/testkit"
	bucket "github.com/picluster/tracing/modules/minio_tempo_bucket"
)

// Region is that of the lab's stores.
const Region = "eu-west-1"

// Store is where Tempo keeps its blocks. Endpoint is host:port of a store without
// TLS, "" for the lab's MinIO, and Region its region, "" for that of the lab.
type Store struct{ Bucket, User, Key, Endpoint, Region string }

// NewStore creates bucket, user and policy with minio_tempo_bucket. Actions are
// those of the policy; nil is what the module grants by default.
func NewStore(t *testing.T, actions []any) Store {
	t.Helper()
	name, key := testkit.Name("tempo"), testkit.Secret()
	options := map[string]any{
		"endpoint": testkit.Env(t, "LAB_MINIO_URL"), "access_key": testkit.Env(t, "LAB_MINIO_ROOT_USER"), "secret_key": testkit.Env(t, "LAB_MINIO_ROOT_PASSWORD"),
		"region": Region, "bucket": name, "user": name, "user_secret_key": key, "policy": name,
	}
	if actions != nil {
		options["policy_document"] = map[string]any{"Version": "2012-10-17", "Statement": []any{map[string]any{
			"Effect": "Allow", "Action": actions, "Resource": []any{"arn:aws:s3:::" + name, "arn:aws:s3:::" + name + "/*"}}}}
	}
	testkit.Changed(t, testkit.Task{New: bucket.New, Options: options}.Apply(t))
	return Store{Bucket: name, User: name, Key: key}
}
