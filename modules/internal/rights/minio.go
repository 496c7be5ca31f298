// SPDX-License-Identifier: AGPL-3.0-or-later

package rights

import (
	"encoding/json"
	"fmt"
)

// Actions are those of MinIO's admin API that minio_tempo_bucket needs
// (minio/pkg policy/admin-action.go).
var Actions = []string{
	"admin:ServerInfo",
	"admin:CreateUser", "admin:GetUser", "admin:ListUsers", "admin:EnableUser", "admin:DisableUser", "admin:DeleteUser",
	"admin:CreatePolicy", "admin:GetPolicy", "admin:DeletePolicy", "admin:AttachUserOrGroupPolicy", "admin:UpdatePolicyAssociation",
}

// StoreActions are those of S3 on the bucket.
var StoreActions = []string{
	"s3:CreateBucket", "s3:DeleteBucket", "s3:ListBucket", "s3:ListBucketVersions", "s3:GetBucketLocation", "s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy",
	"s3:GetBucketVersioning", "s3:PutBucketVersioning", "s3:GetBucketObjectLockConfiguration",
	"s3:GetBucketTagging", "s3:PutBucketTagging", "s3:GetLifecycleConfiguration", "s3:PutLifecycleConfiguration",
}

// ObjectActions are those of S3 on the bucket's objects: the test of Tempo's
// credentials leaves versions of its object, which Tempo itself cannot remove.
var ObjectActions = []string{"s3:DeleteObject", "s3:DeleteObjectVersion"}

// Policy is the policy document of a MinIO user who may run minio_tempo_bucket for
// one bucket. MinIO cannot restrict its admin actions to one user: whoever has them
// can make themselves an administrator.
func Policy(bucket string) string {
	document := map[string]any{"Version": "2012-10-17", "Statement": []any{
		map[string]any{"Effect": "Allow", "Action": Actions},
		map[string]any{"Effect": "Allow", "Action": StoreActions, "Resource": []string{"arn:aws:s3:::" + bucket}},
		map[string]any{"Effect": "Allow", "Action": ObjectActions, "Resource": []string{"arn:aws:s3:::" + bucket + "/*"}},
	}}
	text, err := json.MarshalIndent(document, "", "  ")
	if err != nil {
		panic(fmt.Sprintf("a document of texts does not encode: %v", err))
	}
	return string(text) + "\n"
}
