// SPDX-License-Identifier: AGPL-3.0-or-later

package minio

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

func parse(t *testing.T, text string) Document {
	t.Helper()
	var document Document
	require.NoError(t, json.Unmarshal([]byte(text), &document))
	return document
}

func TestDocumentsAreComparedSemantically(t *testing.T) {
	base := `{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],"Resource":["arn:aws:s3:::b/*"]},
		{"Effect":"Allow","Action":["s3:ListBucket"],"Resource":["arn:aws:s3:::b"],"Condition":{"StringLike":{"s3:prefix":["a","b"]}}}]}`
	for name, test := range map[string]struct {
		reason string
		other  string
		same   bool
	}{
		"itself": {"nothing differs", base, true},
		"order of actions": {"a list of actions is a set", `{"Version":"2012-10-17","Statement":[
			{"Effect":"Allow","Action":["s3:PutObject","s3:GetObject"],"Resource":["arn:aws:s3:::b/*"]},
			{"Effect":"Allow","Action":["s3:ListBucket"],"Resource":["arn:aws:s3:::b"],"Condition":{"StringLike":{"s3:prefix":["b","a"]}}}]}`, true},
		"order of statements, string for list, case, labels, no version": {"none of these changes what is allowed", `{"Id":"x","Statement":[
			{"Sid":"L","Effect":"ALLOW","Action":"s3:ListBucket","Resource":"arn:aws:s3:::b","Condition":{"StringLike":{"s3:prefix":["a","b"]}}},
			{"Sid":"O","Effect":"allow","Action":["s3:GetObject","s3:PutObject","s3:GetObject"],"Resource":"arn:aws:s3:::b/*","NotAction":[]}]}`, true},
		"statement twice": {"a duplicate allows nothing more", `{"Statement":[
			{"Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],"Resource":["arn:aws:s3:::b/*"]},
			{"Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],"Resource":["arn:aws:s3:::b/*"]},
			{"Effect":"Allow","Action":["s3:ListBucket"],"Resource":["arn:aws:s3:::b"],"Condition":{"StringLike":{"s3:prefix":["a","b"]}}}]}`, true},
		"action missing": {"compaction would fail", `{"Version":"2012-10-17","Statement":[
			{"Effect":"Allow","Action":["s3:GetObject"],"Resource":["arn:aws:s3:::b/*"]},
			{"Effect":"Allow","Action":["s3:ListBucket"],"Resource":["arn:aws:s3:::b"],"Condition":{"StringLike":{"s3:prefix":["a","b"]}}}]}`, false},
		"deny": {"the opposite", `{"Version":"2012-10-17","Statement":[
			{"Effect":"Deny","Action":["s3:GetObject","s3:PutObject"],"Resource":["arn:aws:s3:::b/*"]},
			{"Effect":"Allow","Action":["s3:ListBucket"],"Resource":["arn:aws:s3:::b"],"Condition":{"StringLike":{"s3:prefix":["a","b"]}}}]}`, false},
		"other bucket": {"resources matter", `{"Version":"2012-10-17","Statement":[
			{"Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],"Resource":["arn:aws:s3:::c/*"]},
			{"Effect":"Allow","Action":["s3:ListBucket"],"Resource":["arn:aws:s3:::b"],"Condition":{"StringLike":{"s3:prefix":["a","b"]}}}]}`, false},
		"without the condition": {"conditions matter", `{"Version":"2012-10-17","Statement":[
			{"Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],"Resource":["arn:aws:s3:::b/*"]},
			{"Effect":"Allow","Action":["s3:ListBucket"],"Resource":["arn:aws:s3:::b"]}]}`, false},
		"old version": {"the older version treats variables differently", `{"Version":"2008-10-17","Statement":[
			{"Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],"Resource":["arn:aws:s3:::b/*"]},
			{"Effect":"Allow","Action":["s3:ListBucket"],"Resource":["arn:aws:s3:::b"],"Condition":{"StringLike":{"s3:prefix":["a","b"]}}}]}`, false},
		"garbage": {"an invalid document is different", `{"Statement":"x"}`, false},
	} {
		t.Run(name, func(t *testing.T) {
			one, other := parse(t, base), parse(t, test.other)
			require.Equal(t, test.same, one.Means(other), test.reason)
			require.Equal(t, test.same, other.Means(one), test.reason)
		})
	}
	require.False(t, Document(nil).Means(parse(t, base)), "a missing policy equals none of these")
	require.True(t, Document(nil).Means(nil))
}

func TestNormalForm(t *testing.T) {
	one := `{"Effect":"allow","Sid":"x","Action":"s3:GetObject","Principal":{"AWS":["*"]},"Condition":{"Bool":{"aws:SecureTransport":false}}}`
	normal, err := json.Marshal(parse(t, `{"Statement":`+one+`}`).Normal())
	require.NoError(t, err)
	require.JSONEq(t, `{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Action":["s3:GetObject"],"Principal":{"AWS":["*"]},"Condition":{"Bool":{"aws:SecureTransport":["false"]}}}]}`, string(normal))
}

func TestTempoPolicy(t *testing.T) {
	policy, err := json.Marshal(TempoPolicy("k3s-tempo"))
	require.NoError(t, err)
	require.JSONEq(t, `{"Version":"2012-10-17","Statement":[
		{"Sid":"TempoBucket","Effect":"Allow","Action":["s3:GetBucketLocation","s3:ListBucket"],"Resource":["arn:aws:s3:::k3s-tempo"]},
		{"Sid":"TempoObjects","Effect":"Allow","Action":["s3:AbortMultipartUpload","s3:DeleteObject","s3:GetObject","s3:GetObjectTagging",
			"s3:PutObject","s3:PutObjectTagging"],"Resource":["arn:aws:s3:::k3s-tempo/*"]}]}`, string(policy))
}

func TestPublic(t *testing.T) {
	for name, test := range map[string]struct {
		reason    string
		statement string
		public    int
		closed    string
	}{
		"star":       {"everybody", `{"Effect":"Allow","Principal":"*","Action":"s3:GetObject"}`, 1, ``},
		"AWS star":   {"everybody in MinIO's spelling", `{"Effect":"Allow","Principal":{"AWS":["*"]},"Action":"s3:GetObject"}`, 1, ``},
		"condition":  {"a condition does not require a login", `{"Effect":"Allow","Principal":"*","Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}}`, 1, ``},
		"deny":       {"denying everybody grants nothing", `{"Effect":"Deny","Principal":"*","Action":"s3:*"}`, 0, `{"Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:*"}]}`},
		"one user":   {"a named principal logs in", `{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::1:user/a"}}`, 0, `{"Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::1:user/a"}}]}`},
		"one of two": {"other statements are kept", `{"Effect":"Allow","Principal":"*"},{"Effect":"Deny","Principal":"*","Action":"s3:*"}`, 1, `{"Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:*"}]}`},
	} {
		t.Run(name, func(t *testing.T) {
			document := parse(t, `{"Statement":[`+test.statement+`]}`)
			require.Len(t, document.Public(), test.public, test.reason)
			if test.closed == "" {
				require.Nil(t, document.Closed(), test.reason)
				return
			}
			require.Equal(t, parse(t, test.closed), document.Closed(), test.reason)
		})
	}
	require.Empty(t, Document(nil).Public(), "a bucket without a policy is private")
}
