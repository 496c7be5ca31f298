// SPDX-License-Identifier: AGPL-3.0-or-later

package option_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/option"
	"github.com/picluster/tracing/modules/internal/secret"
)

var table = option.Table{
	Options: []option.Option{
		{Name: "bucket", Type: option.Text, Required: true, Check: func(value any) error {
			if strings.Contains(value.(string), "_") {
				return errors.New("must not hold an underscore")
			}
			return nil
		}},
		{Name: "state", Type: option.Text, Default: "present", Choices: []string{"present", "absent", "locked"}},
		{Name: "endpoint", Type: option.Text, Aliases: []string{"url"}, Env: []string{"S3_ENDPOINT", "S3_URL"}},
		{Name: "secret_key", Type: option.Text, Secret: true},
		{Name: "secure", Type: option.Bool, Default: true},
		{Name: "replicas", Type: option.Int},
		{Name: "rate", Type: option.Float},
		{Name: "timeout", Type: option.Duration, Default: "10m"},
		{Name: "hosts", Type: option.List},
		{Name: "tags", Type: option.Map},
		{Name: "user", Type: option.Text},
		{Name: "s3", Type: option.Map, Suboptions: []option.Option{
			{Name: "region", Type: option.Text, Required: true},
			{Name: "insecure", Type: option.Bool},
		}},
		{Name: "fields", Type: option.List, Elements: option.Map, Suboptions: []option.Option{{Name: "name", Type: option.Text, Required: true}}},
	},
	RequiredIf:        []option.RequiredIf{{Option: "state", Value: "absent", Needs: []string{"user"}}, {Option: "state", Value: "locked", Needs: []string{"user", "tags"}, Any: true}},
	RequiredTogether:  [][]string{{"user", "secret_key"}},
	MutuallyExclusive: [][]string{{"rate", "replicas"}},
}

type args struct {
	Bucket    string         `json:"bucket"`
	State     string         `json:"state"`
	Endpoint  string         `json:"endpoint"`
	SecretKey secret.Text    `json:"secret_key"`
	Secure    bool           `json:"secure"`
	Replicas  *int           `json:"replicas"`
	Rate      float64        `json:"rate"`
	Timeout   time.Duration  `json:"timeout"`
	Hosts     []string       `json:"hosts"`
	Tags      map[string]any `json:"tags"`
	S3        struct {
		Region   string `json:"region"`
		Insecure bool   `json:"insecure"`
	} `json:"s3"`
	User   string           `json:"user"`
	Fields []map[string]any `json:"fields"`
}

func environment(pairs map[string]string) option.Lookup {
	return func(name string) (string, bool) {
		value, ok := pairs[name]
		return value, ok
	}
}

func TestDecodeAcceptsWhatUsersWrite(t *testing.T) {
	three := 3
	cases := map[string]struct {
		reason string
		raw    map[string]any
		env    map[string]string
		want   args
	}{
		"defaults":            {"only the required options are given", map[string]any{"bucket": "b"}, nil, args{Bucket: "b", State: "present", Secure: true, Timeout: 10 * time.Minute}},
		"boolean as text":     {"templates yield text", map[string]any{"bucket": "b", "secure": "no"}, nil, args{Bucket: "b", State: "present", Timeout: 10 * time.Minute}},
		"number as text":      {"ansible-core up to 2.18 yields text for {{ 3 }}", map[string]any{"bucket": "b", "replicas": "3"}, nil, args{Bucket: "b", State: "present", Secure: true, Replicas: &three, Timeout: 10 * time.Minute}},
		"duration in seconds": {"a bare number means seconds", map[string]any{"bucket": "b", "timeout": int64(90)}, nil, args{Bucket: "b", State: "present", Secure: true, Timeout: 90 * time.Second}},
		"list as text":        {"commas make a list", map[string]any{"bucket": "b", "hosts": "a, b"}, nil, args{Bucket: "b", State: "present", Secure: true, Hosts: []string{"a", "b"}, Timeout: 10 * time.Minute}},
		"alias":               {"the other name", map[string]any{"bucket": "b", "url": "h:1"}, nil, args{Bucket: "b", State: "present", Secure: true, Endpoint: "h:1", Timeout: 10 * time.Minute}},
		"environment":         {"the first variable that is set", map[string]any{"bucket": "b"}, map[string]string{"S3_ENDPOINT": "", "S3_URL": "h:2"}, args{Bucket: "b", State: "present", Secure: true, Endpoint: "h:2", Timeout: 10 * time.Minute}},
		"null is not given":   {"a variable without a value", map[string]any{"bucket": "b", "state": nil}, nil, args{Bucket: "b", State: "present", Secure: true, Timeout: 10 * time.Minute}},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			values, err := table.Decode(test.raw, environment(test.env))
			require.NoError(t, err, test.reason)
			var got args
			require.NoError(t, values.Into(&got))
			require.Equal(t, test.want, got, test.reason)
		})
	}
}

func TestDecodeReportsAllProblemsAtOnce(t *testing.T) {
	cases := map[string]struct {
		reason string
		raw    map[string]any
		want   string
	}{
		"missing":       {"a required option", map[string]any{}, "bucket is required"},
		"three":         {"all in one message", map[string]any{"buckett": "b", "state": "presnt", "secure": "maybe"}, "4 problems: bucket is required; state must be one of present, absent, locked (did you mean present?); secure must be a boolean such as true or false; unknown option buckett (did you mean bucket?)"},
		"no near name":  {"a suggestion must be close", map[string]any{"bucket": "b", "zzz": 1}, "unknown option zzz"},
		"check":         {"the option's own check", map[string]any{"bucket": "a_b"}, "bucket must not hold an underscore"},
		"suboption":     {"reported with its path", map[string]any{"bucket": "b", "s3": map[string]any{"regoin": "eu"}}, "2 problems: s3.region is required; unknown option s3.regoin (did you mean region?)"},
		"item":          {"reported with its index", map[string]any{"bucket": "b", "fields": []any{map[string]any{"name": "a"}, map[string]any{}}}, "fields[1].name is required"},
		"required if":   {"a rule", map[string]any{"bucket": "b", "state": "absent"}, "user is required when state is absent"},
		"one of, if":    {"a rule", map[string]any{"bucket": "b", "state": "locked"}, "user or tags is required when state is locked"},
		"together":      {"a rule", map[string]any{"bucket": "b", "user": "u"}, "user, secret_key must be given together"},
		"exclusive":     {"a rule", map[string]any{"bucket": "b", "rate": 1.5, "replicas": int64(2)}, "only one of rate, replicas may be given"},
		"not a map":     {"wrong type", map[string]any{"bucket": "b", "tags": "x"}, "tags must be a dictionary"},
		"half a number": {"a fraction is not an integer", map[string]any{"bucket": "b", "replicas": 1.5}, "replicas must be a whole number"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := table.Decode(test.raw, environment(nil))
			require.EqualError(t, err, test.want, test.reason)
		})
	}
}

func TestDecodeFindsSecretsInInvalidOptions(t *testing.T) {
	values, err := table.Decode(map[string]any{
		"secret_key": "hunter2", "tags": map[string]any{"password": "pw0001", "name": "plain"}, "state": "x",
	}, environment(nil))
	require.Error(t, err)
	require.NotContains(t, err.Error(), "hunter2")
	found := []string{}
	for _, text := range values.Secrets() {
		found = append(found, text.Reveal())
	}
	require.ElementsMatch(t, []string{"hunter2", "pw0001"}, found)
}
