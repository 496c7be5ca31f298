// SPDX-License-Identifier: AGPL-3.0-or-later

package minio

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

// statement is a document with one statement, of which a test writes the rest.
func statement(rest string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:GetObject"],"Resource":["arn:aws:s3:::b/*"],` + rest + `}]}`
}

func TestDocumentsAsServersReturnThem(t *testing.T) {
	condition := func(text string) string { return statement(`"Condition":` + text) }
	for name, test := range map[string]struct {
		reason      string
		want, given string
		same        bool
	}{
		"address alone":        {"MinIO adds the length", condition(`{"IpAddress":{"aws:SourceIp":"10.0.0.1"}}`), condition(`{"IpAddress":{"aws:SourceIp":["10.0.0.1/32"]}}`), true},
		"address in a network": {"MinIO returns the first address", condition(`{"NotIpAddress":{"aws:SourceIp":["10.0.0.7/24"]}}`), condition(`{"NotIpAddress":{"aws:SourceIp":["10.0.0.0/24"]}}`), true},
		"IPv6":                 {"the short form", condition(`{"IpAddress":{"aws:SourceIp":"2001:DB8:0::1"}}`), condition(`{"IpAddress":{"aws:SourceIp":["2001:db8::1/128"]}}`), true},
		"another address":      {"a difference", condition(`{"IpAddress":{"aws:SourceIp":"10.0.0.1"}}`), condition(`{"IpAddress":{"aws:SourceIp":["10.0.0.2/32"]}}`), false},
		"wider network":        {"a difference", condition(`{"IpAddress":{"aws:SourceIp":"10.0.0.1"}}`), condition(`{"IpAddress":{"aws:SourceIp":["10.0.0.0/24"]}}`), false},
		"ten million":          {"a number with an exponent in most languages", condition(`{"NumericLessThan":{"s3:max-keys":"10000000"}}`), condition(`{"NumericLessThan":{"s3:max-keys":[10000000]}}`), true},
		"sixteen digits":       {"more than a float holds", condition(`{"NumericLessThan":{"s3:max-keys":"9007199254740993"}}`), condition(`{"NumericLessThan":{"s3:max-keys":[9007199254740993]}}`), true},
		"one more":             {"a difference that a float would hide", condition(`{"NumericLessThan":{"s3:max-keys":"9007199254740993"}}`), condition(`{"NumericLessThan":{"s3:max-keys":[9007199254740992]}}`), false},
		"leading zero":         {"a number", condition(`{"NumericEquals":{"s3:max-keys":"010"}}`), condition(`{"NumericEquals":{"s3:max-keys":[10]}}`), true},
		"string of digits":     {"not a number", condition(`{"StringEquals":{"aws:username":"010"}}`), condition(`{"StringEquals":{"aws:username":["10"]}}`), false},
		"moment":               {"the same in another zone", condition(`{"DateGreaterThan":{"aws:CurrentTime":"2026-01-01T01:00:00+01:00"}}`), condition(`{"DateGreaterThan":{"aws:CurrentTime":["2026-01-01T00:00:00Z"]}}`), true},
		"a second later":       {"a difference", condition(`{"DateGreaterThan":{"aws:CurrentTime":"2026-01-01T00:00:01Z"}}`), condition(`{"DateGreaterThan":{"aws:CurrentTime":["2026-01-01T00:00:00Z"]}}`), false},
		"truth":                {"YAML has booleans", condition(`{"Bool":{"aws:SecureTransport":true}}`), condition(`{"Bool":{"aws:SecureTransport":["true"]}}`), true},
		"truth in capitals":    {"Python writes it so", condition(`{"Null":{"s3:prefix":"True"}}`), condition(`{"Null":{"s3:prefix":[true]}}`), true},
		"qualified":            {"MinIO keeps the qualifier only for strings", condition(`{"ForAnyValue:IpAddress":{"aws:SourceIp":"10.0.0.1"}}`), condition(`{"IpAddress":{"aws:SourceIp":["10.0.0.1/32"]}}`), true},
		"qualified strings":    {"for strings the qualifier matters", condition(`{"ForAnyValue:StringEquals":{"aws:username":"a"}}`), condition(`{"StringEquals":{"aws:username":["a"]}}`), false},
		"no condition":         {"an empty condition", condition(`{}`), statement(`"Sid":"x"`), true},
		"every resource":       {"MinIO doubles the star", `{"Statement":[{"Effect":"Allow","Action":["kms:*"],"Resource":"*"}]}`, `{"Statement":[{"Effect":"Allow","Action":["kms:*"],"Resource":["**"]}]}`, true},
		"small names": {"Go's JSON ignores case", `{"version":"2012-10-17","id":"x","statement":{"effect":"allow","ACTION":"s3:GetObject","resource":"arn:aws:s3:::b/*","condition":{"Bool":{"aws:SecureTransport":"true"}}}}`,
			condition(`{"Bool":{"aws:SecureTransport":["true"]}}`), true},
		"no address": {"an unreadable value is compared as text", condition(`{"IpAddress":{"aws:SourceIp":"home"}}`), condition(`{"IpAddress":{"aws:SourceIp":["home"]}}`), true},
	} {
		t.Run(name, func(t *testing.T) {
			want, err := parsed([]byte(test.want))
			require.NoError(t, err)
			given, err := parsed([]byte(test.given))
			require.NoError(t, err)
			require.Equal(t, test.same, want.Means(given), test.reason)
			require.Equal(t, test.same, given.Means(want), test.reason)
			require.True(t, want.Means(want.written()), "the written form is equivalent")
		})
	}
}

func TestWrittenForm(t *testing.T) {
	document, err := parsed([]byte(`{"Id":"mine","statement":{"effect":"ALLOW","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*","Condition":{
		"IpAddress":{"aws:SourceIp":["2001:db8::1","10.0.0.1","10.0.0.1/32","10.0.0.0/24"]},"StringEquals":{},"StringLike":{"s3:prefix":[10000000,true]},"Bool":{"aws:SecureTransport":1},"NumericLessThan":{"s3:max-keys":9007199254740993}}}}`))
	require.NoError(t, err)
	written, err := json.Marshal(document.written())
	require.NoError(t, err)
	require.JSONEq(t, `{"ID":"mine","Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*","Condition":{
		"IpAddress":{"aws:SourceIp":["2001:db8::1/128","10.0.0.1/32","10.0.0.0/24"]},"StringLike":{"s3:prefix":["10000000","true"]},"Bool":{"aws:SecureTransport":"true"},"NumericLessThan":{"s3:max-keys":9007199254740993}}}]}`, string(written),
		"MinIO takes an IPv6 address alone for a quarter of the addresses of the world, and refuses values that stand there twice, or are no text where the operator is for texts; RustFS takes no list of numbers, and ID alone")
}
