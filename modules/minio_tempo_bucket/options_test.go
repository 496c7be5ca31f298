// SPDX-License-Identifier: AGPL-3.0-or-later

package bucket

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/testkit"
)

// task is the module as a task runs it, against an address where nothing
// listens: whatever is refused here is refused before any call.
func task(options map[string]any) testkit.Task {
	all := map[string]any{
		"endpoint": "http://127.0.0.1:1", "access_key": "admin", "secret_key": testkit.Secret(), "user_secret_key": testkit.Secret(), "timeout": "1s",
	}
	base := testkit.Task{New: New, Options: all}
	return base.With(options)
}

func TestOptionsAreCheckedBeforeAnyRequest(t *testing.T) {
	for name, test := range map[string]struct {
		reason  string
		options map[string]any
		fault   string
	}{
		"all at once": {"one message for all problems, with suggestions",
			map[string]any{"bucketname": "x", "bucket": "No", "user": "a,b", "policy": " p", "stat": "absent", "update_secret": "sometimes", "user_secret_key": "k3y", "quota": "much", "expire_days": -1},
			"usage: options: 9 problems: bucket is not a valid bucket name: Bucket name cannot be shorter than 3 characters; quota must be a size such as 50GiB, or 0; " +
				"expire_days must not be negative; user must not contain '=' or ','; user_secret_key must have at least 8 characters; " +
				"update_secret must be one of verify, always, on_create; policy must not begin or end with a space; " +
				"unknown option bucketname (did you mean bucket_name?); unknown option stat (did you mean state?)"},
		"every object at once": {"MinIO's dates end there, and begin again in the past", map[string]any{"expire_days": 106751}, "usage: options: expire_days must be at most 36500"},
		"uploads at once":      {"the same limit in another rule", map[string]any{"abort_incomplete_days": 36501}, "usage: options: abort_incomplete_days must be at most 36500"},
		"never ending":         {"not a limit", map[string]any{"timeout": 0}, "usage: options: timeout must be longer than 0"},
		"quota in bytes":       {"five bytes", map[string]any{"quota": 5}, "usage: options: quota must be at least 1MiB, or 0 for no limit: without a unit a number counts bytes, so write 50GiB for instance"},
		"quota of nothing":     {"0 means no limit", map[string]any{"quota": "0.1"}, "usage: options: quota must be a size such as 50GiB, or 0 for no limit: this would be less than a byte"},
		"endless quota":        {"above the maximum", map[string]any{"quota": "2EiB"}, "usage: options: quota must be at most 1EiB, or 0 for no limit"},
		"tag that is a number": {"S3 tags are text", map[string]any{"tags": map[string]any{"a": 1}}, "usage: options: tags.a must be a string, but YAML turns digits into a number: put it in quotes"},
		"line break": {"a file that was read with its newline", map[string]any{"access_key": "admin\n"},
			"usage: options: access_key ends with a line break, which a file or a block of YAML adds and no login has: leave it out, with the filter trim for instance"},
		"no port":       {"the port is too large", map[string]any{"endpoint": "127.0.0.1:90000"}, "usage: options: endpoint must have a port between 1 and 65535"},
		"no key":        {"Tempo needs one", map[string]any{"user_secret_key": nil}, "usage: user_secret_key is required"},
		"scheme":        {"contradictions give one clear error", map[string]any{"secure": true}, "usage: endpoint says http:// and secure says true"},
		"pair":          {"a certificate is useless without its key", map[string]any{"client_cert": "/x"}, "usage: options: client_cert, client_key must be given together"},
		"administrator": {"MinIO would refuse it as well, but later", map[string]any{"user": "admin"}, "usage: user admin is the administrator of access_key"},
		"lock and off":  {"the server would refuse it halfway", map[string]any{"object_lock": true, "versioning": "off"}, "usage: object_lock needs versioning, and versioning is off"},
		"quota":         {"S3 has no quota", map[string]any{"quota": "1GiB", "admin": "none"}, "usage: quota needs MinIO's admin API, and admin is none"},
		"tags":          {"the SDK's own rule", map[string]any{"tags": map[string]any{"": "x"}}, "usage: tags: The TagKey you have provided is invalid"},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, test.fault, testkit.Failed(t, task(test.options).Check(t)), test.reason)
		})
	}
}

func TestNobodyListens(t *testing.T) {
	result := task(nil).Check(t)
	require.Equal(t, "unreachable: read bucket k3s-tempo: dial tcp 127.0.0.1:1: connect: connection refused", testkit.Failed(t, result))
	require.Equal(t, "observe", result["step"])
	require.Equal(t, false, result["changed"])
}

func TestLoginFromTheEnvironment(t *testing.T) {
	bare := task(map[string]any{"access_key": nil, "secret_key": nil, "endpoint": nil})
	require.Equal(t, "usage: options: 3 problems: endpoint is required; access_key is required; secret_key is required", testkit.Failed(t, bare.Check(t)))
	bare.Env = map[string]string{"MINIO_ENDPOINT": "http://127.0.0.1:1", "MINIO_ROOT_USER": "root", "MINIO_ROOT_PASSWORD": testkit.Secret()}
	require.Contains(t, testkit.Failed(t, bare.Check(t)), "unreachable: ")
}
