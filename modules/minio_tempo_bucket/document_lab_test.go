// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build lab

package bucket

import (
	"testing"

	"github.com/picluster/tracing/modules/internal/testkit"
)

// MinIO stores a document in types of its own and returns it in their spelling:
// each of these has to converge.
func TestLabDocumentAsMinIOReturnsIt(t *testing.T) {
	for name, test := range map[string]struct {
		reason string
		rest   map[string]any
	}{
		"address":             {"the prefix length is added", condition("IpAddress", "aws:SourceIp", "10.0.0.1")},
		"addresses":           {"of both kinds, and one in a network", condition("NotIpAddress", "aws:SourceIp", []any{"10.0.0.1", "2001:DB8::1", "10.0.3.7/16", "10.0.0.1/32", "2001:db8:1::/48"})},
		"qualified address":   {"the qualifier is dropped", condition("ForAnyValue:IpAddress", "aws:SourceIp", "10.0.0.1/32")},
		"ten million":         {"a text becomes a number", condition("NumericLessThanEquals", "s3:max-keys", "10000000")},
		"sixteen digits":      {"more than a float holds", condition("NumericLessThanEquals", "s3:max-keys", "9007199254740993")},
		"number":              {"as YAML parses it", condition("NumericLessThan", "s3:max-keys", 20000000)},
		"leading zero":        {"a number", condition("NumericLessThan", "s3:max-keys", "010")},
		"date":                {"in another time zone", condition("DateGreaterThan", "aws:CurrentTime", "2026-01-01T00:00:00+00:00")},
		"date with fractions": {"no fraction is kept", condition("DateLessThan", "aws:CurrentTime", "2036-01-01T00:00:00.5Z")},
		"boolean":             {"as YAML parses it", condition("Bool", "aws:SecureTransport", false)},
		"word":                {"as Python spells it", condition("Bool", "aws:SecureTransport", "False")},
		"null":                {"a boolean too", condition("Null", "s3:prefix", "true")},
		"qualified strings":   {"the qualifier is kept", condition("ForAllValues:StringLike", "s3:prefix", []any{"b", "a"})},
		"no condition":        {"MinIO refuses an empty one", map[string]any{"Condition": map[string]any{}}},
		"small names":         {"accepted in any case", map[string]any{"condition": map[string]any{"StringLike": map[string]any{"s3:prefix": "a"}}, "sid": "x"}},
		"two operators": {"in any order", map[string]any{"Condition": map[string]any{
			"StringLike": map[string]any{"s3:prefix": []any{"a", "a"}}, "IpAddress": map[string]any{"aws:SourceIp": "10.0.0.1"}}}},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t)
			statement := map[string]any{"effect": "Allow", "Action": "s3:ListBucket", "resource": "arn:aws:s3:::" + l.bucket}
			for key, value := range test.rest {
				statement[key] = value
			}
			l.fourRuns(l.task(map[string]any{"policy_document": map[string]any{"statement": statement}}))
		})
	}
}

func TestLabDocumentForeveryResource(t *testing.T) {
	l := newLab(t)
	l.fourRuns(l.task(map[string]any{"policy_document": map[string]any{"Version": "2012-10-17", "Id": "mine", "Statement": []any{
		map[string]any{"Effect": "Allow", "Action": []any{"s3:*"}, "Resource": "*"}}}}))
}

func TestLabDocumentAsText(t *testing.T) {
	l := newLab(t)
	task := l.task(map[string]any{"policy_document": `{"Statement":{"Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::` + l.bucket + `","Condition":{"NumericLessThan":{"s3:max-keys":"9007199254740993"}}}}`})
	l.fourRuns(task)
	other := task.With(map[string]any{"policy_document": `{"Statement":{"Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::` + l.bucket + `","Condition":{"NumericLessThan":{"s3:max-keys":"9007199254740992"}}}}`})
	l.fourRuns(other)
	testkit.Unchanged(t, other.Apply(t))
}

func condition(operator, key string, values any) map[string]any {
	return map[string]any{"Condition": map[string]any{operator: map[string]any{key: values}}}
}
