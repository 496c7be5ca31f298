// SPDX-License-Identifier: AGPL-3.0-or-later

package bucket

import (
	"fmt"
	"slices"

	"github.com/dustin/go-humanize"

	"github.com/picluster/tracing/modules/internal/minio"
	"github.com/picluster/tracing/modules/internal/option"
)

// Options is the module's table.
func (m *Module) Options() option.Table {
	return option.Table{
		Options:          slices.Concat(stateOptions(), minio.Options(), bucketOptions(), userOptions(), policyOptions(), runOptions()),
		RequiredTogether: minio.Pairs(),
	}
}

func stateOptions() []option.Option {
	return []option.Option{
		{Name: "state", Type: option.Text, Default: "present", Choices: []string{"present", "absent"}, Doc: []string{
			"Whether user, policy and bucket are there. V(absent) leaves the bucket unless O(remove_bucket) is set."}},
		{Name: "admin", Type: option.Text, Default: "auto", Choices: []string{"auto", "minio", "none"}, Doc: []string{
			"How users and policies are managed: V(minio) by MinIO's admin API, V(none) not at all, since they are made elsewhere.",
			"V(auto) asks the server, and warns when it has no such API."}},
	}
}

func bucketOptions() []option.Option {
	return []option.Option{
		{Name: "bucket", Type: option.Text, Default: "k3s-tempo", Aliases: []string{"name", "bucket_name"}, Check: minio.CheckBucket, Doc: []string{
			"Name of the bucket."}},
		{Name: "anonymous_access", Type: option.Text, Default: "report", Choices: []string{"report", "closed"}, Doc: []string{
			"A new bucket is private. When the bucket's own policy lets anybody in, V(report) warns and V(closed) removes those statements from it."}},
		{Name: "versioning", Type: option.Text, Choices: []string{"on", "off", "suspended"}, Doc: []string{
			"Versioning of the bucket; left as it is when not given. Tempo has no use for it, and what Tempo deletes then stays.",
			"A bucket that once had versioning cannot lose it, so V(off) is content with V(suspended)."}},
		{Name: "object_lock", Type: option.Bool, Aliases: []string{"object_locking"}, Doc: []string{
			"Whether the bucket is made with object lock. It cannot be changed afterwards: a bucket that differs is an error."}},
		{Name: "quota", Type: option.Text, Check: checkQuota, Doc: []string{
			"The most that the bucket may hold, such as V(50GiB), or V(0) for no limit; left as it is when not given. Needs MinIO's admin API."}},
		{Name: "abort_incomplete_days", Type: option.Int, Default: 1, Check: checkDays, Doc: []string{
			"After how many days parts of uploads that were never finished are cleared away; V(0) removes the rule.",
			"MinIO does that by itself for the whole server, after 24 hours, and knows no such rule; none is written there."}},
		{Name: "expire_days", Type: option.Int, Check: checkDays, Doc: []string{
			"After how many days objects are deleted; V(0) removes the rule, and it is left as it is when not given. Tempo deletes by its own retention, so this has to be longer."}},
		{Name: "tags", Type: option.Map, Doc: []string{"Tags of the bucket. Others that it has are kept."}},
		{Name: "remove_bucket", Type: option.Bool, Default: false, Doc: []string{
			"Whether O(state=absent) removes the bucket too."}},
		{Name: "force_remove_bucket", Type: option.Bool, Default: false, Doc: []string{
			"Whether O(remove_bucket) may delete the objects in it, which are all traces. A bucket with objects is an error otherwise."}},
	}
}

func userOptions() []option.Option {
	return []option.Option{
		{Name: "user", Type: option.Text, Default: "tempo", Check: minio.CheckUser, Doc: []string{
			"Name of the user as whom Tempo logs in, which is its access key."}},
		{Name: "user_secret_key", Type: option.Text, Secret: true, Aliases: []string{"user_password"}, Check: minio.CheckKey, Doc: []string{
			"Secret key of that user. Required for O(state=present), unless O(admin=none).",
			"The store never gives a key back, so it is tried with a read call: only a key that is refused is written."}},
		{Name: "user_enabled", Type: option.Bool, Default: true, Doc: []string{"Whether the user may log in."}},
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
		{Name: "verify", Type: option.Bool, Doc: []string{
			"Whether the calls that Tempo makes (list, write, read, upload in parts, copy, delete) are made as its user, on a trial object that is gone afterwards. A missing permission is named.",
			"When it is not given, that is done after a change, unless the policy is your own."}},
		{Name: "timeout", Type: option.Duration, Default: "2m", Doc: []string{
			"How long the whole task may take. A server that takes a connection and says nothing is given 30 seconds of it. Until then requests are repeated that fail for the moment: a busy or restarting server, a broken connection."}},
	}
}

func checkDays(value any) error {
	if days, _ := value.(int64); days < 0 {
		return fmt.Errorf("must not be negative")
	}
	return nil
}

func checkQuota(value any) error {
	text, _ := value.(string)
	if _, err := humanize.ParseBytes(text); err != nil {
		return fmt.Errorf("must be a size such as 50GiB, or 0")
	}
	return nil
}
