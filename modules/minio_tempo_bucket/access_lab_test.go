// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build lab

package bucket

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/minio/madmin-go/v3"
	s3 "github.com/minio/minio-go/v7"
	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/minio"
	"github.com/picluster/tracing/modules/internal/testkit"
)

// plainS3 answers admin calls as a store without them does: with an S3 error.
func plainS3(w http.ResponseWriter, r *http.Request) bool {
	if !strings.HasPrefix(r.URL.Path, "/minio/admin/") {
		return false
	}
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(http.StatusForbidden)
	_, _ = w.Write([]byte("<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"))
	return true
}

// oldMinIO answers calls added in 2023 as a server of 2022 does (minio,
// cmd/handler-utils.go, errorResponseHandler), and lets the others through.
func oldMinIO(w http.ResponseWriter, r *http.Request) bool {
	if !strings.HasPrefix(r.URL.Path, "/minio/admin/v3/idp/builtin/") {
		return false
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusUpgradeRequired)
	_, _ = w.Write([]byte(`{"Code":"XMinioAdminVersionMismatch","Message":"This 'admin' API is not supported by server in 'mode-server-fs'"}`))
	return true
}

func TestLabServerWithTheOldCallOnly(t *testing.T) {
	l := newLab(t)
	l.proxy.Disturb(oldMinIO)
	l.fourRuns(l.task(nil))
	require.NoError(t, l.write("tenant/block"))
	require.NoError(t, l.admin.SetPolicy(t.Context(), "readonly", l.user, false)) //nolint:staticcheck // as somebody with the old client does
	testkit.Changed(t, l.task(nil).Apply(t))
	info, err := l.admin.GetUserInfo(t.Context(), l.user)
	require.NoError(t, err)
	require.ElementsMatch(t, []string{"readonly", l.user}, strings.Split(info.PolicyName, ","), "the old call replaces the whole set")
	l.fourRuns(l.task(map[string]any{"state": "absent"}))
}

func TestLabOtherPoliciesOfTheUser(t *testing.T) {
	l := newLab(t)
	testkit.Changed(t, l.task(nil).Apply(t))
	_, err := l.admin.AttachPolicy(t.Context(), madmin.PolicyAssociationReq{Policies: []string{"readonly"}, User: l.user})
	require.NoError(t, err)
	testkit.Unchanged(t, l.task(nil).Apply(t))
	l.fourRuns(l.task(map[string]any{"exclusive_policies": true}))
	info, err := l.admin.GetUserInfo(t.Context(), l.user)
	require.NoError(t, err)
	require.Equal(t, l.user, info.PolicyName)
}

func TestLabKey(t *testing.T) {
	l := newLab(t)
	testkit.Changed(t, l.task(nil).Apply(t))
	old := l.key
	l.key = testkit.Secret()
	testkit.Unchanged(t, l.task(map[string]any{"update_secret": "on_create"}).Apply(t))
	before, after := testkit.Diff(t, testkit.Changed(t, l.checked(l.task(nil))))
	require.Equal(t, "user/"+l.user+"/secret_key: '*** (before)'", before)
	require.Equal(t, "user/"+l.user+"/secret_key: '*** (after)'", after)
	testkit.Changed(t, l.task(nil).Apply(t))
	testkit.Unchanged(t, l.task(nil).Apply(t))
	_, err := l.as(old).ListBuckets(t.Context())
	require.Error(t, err, "the old key no longer works")
	for range 2 {
		testkit.Changed(t, l.task(map[string]any{"update_secret": "always"}).Apply(t))
	}
}

func TestLabUserIsDisabledAndEnabled(t *testing.T) {
	l := newLab(t)
	off := l.task(map[string]any{"user_enabled": false})
	l.fourRuns(off)
	require.Error(t, l.write("x"))
	l.key = testkit.Secret() // the key changed, too, while it was disabled
	l.fourRuns(l.task(nil))
	require.NoError(t, l.write("x"))
	l.fourRuns(off)
	l.fourRuns(l.task(map[string]any{"state": "absent"}))
}

func TestLabDocumentByMeaning(t *testing.T) {
	l := newLab(t)
	arn := "arn:aws:s3:::" + l.bucket
	own := l.task(map[string]any{"policy_document": map[string]any{"Version": "2012-10-17", "Statement": map[string]any{
		"Sid": "TempoPermissions", "Effect": "allow", "Resource": []any{arn + "/*", arn},
		"Action": []any{"s3:PutObject", "s3:GetObject", "s3:ListBucket", "s3:DeleteObject", "s3:GetObjectTagging", "s3:PutObjectTagging"}}}})
	l.fourRuns(own)
	testkit.Unchanged(t, own.With(map[string]any{"policy_document": map[string]any{"Version": "2012-10-17", "Statement": []any{
		map[string]any{"Effect": "Allow", "Resource": []any{arn, arn + "/*"},
			"Action": []any{"s3:DeleteObject", "s3:GetObject", "s3:GetObjectTagging", "s3:ListBucket", "s3:PutObject", "s3:PutObjectTagging"}}}}}).Apply(t))
	proved := testkit.Unchanged(t, own.With(map[string]any{"verify": true}).Apply(t))
	require.Equal(t, true, proved["verified"], "the six actions of the 2022 procedure are sufficient")
}

func TestLabProofNamesWhatIsMissing(t *testing.T) {
	for name, test := range map[string]struct {
		reason  string
		actions []any
		missing string
	}{
		"no delete": {"retention would fail", []any{"s3:ListBucket", "s3:GetObject", "s3:PutObject"}, "delete an object: s3:DeleteObject is missing"},
		"no list":   {"Tempo would not start", []any{"s3:DeleteObject", "s3:GetObject", "s3:PutObject"}, "list objects: s3:ListBucket is missing"},
		"two":       {"both are reported at once", []any{"s3:DeleteObject", "s3:PutObject"}, "list objects, read a part of an object: s3:ListBucket, s3:GetObject is missing"},
		"no put":    {"nothing else can be tested then", []any{"s3:ListBucket", "s3:GetObject"}, "write an object: s3:PutObject is missing"},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t)
			arn := "arn:aws:s3:::" + l.bucket
			result := l.task(map[string]any{"verify": true, "versioning": "on", "policy_document": map[string]any{"Version": "2012-10-17",
				"Statement": []any{map[string]any{"Effect": "Allow", "Action": test.actions, "Resource": []any{arn, arn + "/*"}}}}}).Apply(t)
			require.Contains(t, testkit.Failed(t, result), test.missing, test.reason)
			require.Equal(t, "apply", result["step"])
			require.Contains(t, result["done"], "create user/"+l.user)
			for object := range l.store.ListObjectsIter(t.Context(), l.bucket, s3.ListObjectsOptions{Recursive: true, WithVersions: true}) {
				t.Errorf("%s is left behind", object.Key)
			}
		})
	}
}

func TestLabProofLeavesNothing(t *testing.T) {
	l := newLab(t)
	result := testkit.Changed(t, l.task(map[string]any{"versioning": "on", "verify": true}).Apply(t))
	require.Equal(t, true, result["verified"])
	again := testkit.Unchanged(t, l.task(map[string]any{"verify": true}).Apply(t))
	require.Equal(t, true, again["verified"])
	require.Contains(t, strings.Join(l.proxy.Requests(), "\n"), minio.ProbePrefix)
	for object := range l.store.ListObjectsIter(t.Context(), l.bucket, s3.ListObjectsOptions{Recursive: true, WithVersions: true}) {
		t.Errorf("%s is left behind", object.Key)
	}
	quiet := testkit.Unchanged(t, l.task(nil).Apply(t))
	require.Equal(t, false, quiet["verified"], "nothing changed, so nothing was proved")
}

// These are not quoted in the vault, so YAML reads them as numbers.
func TestLabKeysOfDigits(t *testing.T) {
	for name, digits := range map[string]string{"twenty digits": "12345678901234567890", "a point": "1234567890.1"} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t)
			l.key = digits
			l.fourRuns(l.task(map[string]any{"user_secret_key": json.Number(digits)}))
			require.NoError(t, l.write("x"), "the key is what was typed")
			testkit.Unchanged(t, l.task(map[string]any{"user_secret_key": digits}).Apply(t))
			require.NoError(t, l.store.RemoveObject(t.Context(), l.bucket, "x", s3.RemoveObjectOptions{}))
		})
	}
}
