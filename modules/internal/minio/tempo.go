// SPDX-License-Identifier: AGPL-3.0-or-later

package minio

// ProbePrefix begins the names of the objects with which access is proved. It
// holds no slash: Tempo takes each folder at the root of its bucket for a
// tenant (tempo, tempodb/backend/s3/s3.go, List), and must not see one here.
const ProbePrefix = "picluster-tracing-probe-"

// TempoPolicy is the least that Tempo needs in its bucket. The first six
// actions are those of Tempo's documentation (tempo,
// docs/sources/tempo/configuration/hosted-storage/s3.md, v1.5.0 to v3.0.3); tagging is
// needed for the copy that compaction makes (tempo issue 1285). The other two
// are what minio-go, Tempo's client, calls without a region and after an upload
// that failed.
func TempoPolicy(bucket string) Document {
	arn := "arn:aws:s3:::" + bucket
	return Document{"Version": "2012-10-17", "Statement": []any{
		allow("TempoBucket", arn, "s3:GetBucketLocation", "s3:ListBucket"),
		allow("TempoObjects", arn+"/*", "s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject",
			"s3:GetObjectTagging", "s3:PutObject", "s3:PutObjectTagging"),
	}}
}

func allow(sid, resource string, actions ...any) map[string]any {
	return map[string]any{"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": []any{resource}}
}
