// SPDX-License-Identifier: AGPL-3.0-or-later

package bucket

import (
	"slices"

	"github.com/picluster/tracing/modules/internal/minio"
	"github.com/picluster/tracing/modules/internal/option"
)

// Options is the module's table.
func (m *Module) Options() option.Table {
	return option.Table{
		Options: slices.Concat(
			[]option.Option{{Name: "state", Type: option.Text, Default: "present", Choices: []string{"present", "absent"}, Doc: []string{
				"Whether bucket, user and policy are there."}}},
			minio.Options(), bucketOptions(), userOptions(), policyOptions(), runOptions()),
		RequiredIf:       []option.RequiredIf{{Option: "state", Value: "present", Needs: []string{"user_secret_key"}}},
		RequiredTogether: minio.Pairs(),
	}
}

func bucketOptions() []option.Option {
	return []option.Option{
		{Name: "bucket", Type: option.Text, Default: "k3s-tempo", Aliases: []string{"name", "bucket_name"}, Check: minio.CheckBucket, Doc: []string{
			"Name of the bucket."}},
	}
}

func userOptions() []option.Option {
	return []option.Option{
		{Name: "user", Type: option.Text, Default: "tempo", Check: minio.CheckUser, Doc: []string{
			"Name of the user as whom Tempo logs in, which is its access key."}},
		{Name: "user_secret_key", Type: option.Text, Secret: true, Aliases: []string{"user_password"}, Check: minio.CheckKey, Doc: []string{
			"Secret key of that user. The store never gives a key back, so it is tried with a read call: only a key that is refused is written."}},
		{Name: "update_secret", Type: option.Text, Default: "verify", Choices: []string{"verify", "always", "on_create"}, Doc: []string{
			"V(verify) writes the key when the store refuses it, V(always) in every run, which then always reports a change, and V(on_create) only with a new user."}},
	}
}

func policyOptions() []option.Option {
	return []option.Option{
		{Name: "policy", Type: option.Text, Aliases: []string{"policy_name"}, Check: minio.CheckPolicyName, Doc: []string{
			"Name of the policy; that of the user by default."}},
		{Name: "policy_document", Type: option.Map, Doc: []string{
			"Document of the policy, in place of the least that Tempo needs. Documents are compared by what they mean."}},
		{Name: "exclusive_policies", Type: option.Bool, Default: false, Doc: []string{
			"Whether other policies are detached from the user."}},
	}
}

func runOptions() []option.Option {
	return []option.Option{
		{Name: "timeout", Type: option.Duration, Default: "2m", Doc: []string{
			"How long the task may take. Until then requests are repeated that fail for the moment: a busy or restarting server, a broken connection."}},
	}
}
