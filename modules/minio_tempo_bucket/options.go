// SPDX-License-Identifier: AGPL-3.0-or-later

package bucket

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dustin/go-humanize"

	"github.com/picluster/tracing/modules/internal/minio"
	"github.com/picluster/tracing/modules/internal/option"
	"github.com/picluster/tracing/modules/internal/secret"
)

// Args are the options of a task. Pointers and nil maps are options that were
// not given: what they name is left as it is.
type Args struct {
	minio.Access
	State string `json:"state"`
	Admin string `json:"admin"`

	Bucket            string            `json:"bucket"`
	AnonymousAccess   string            `json:"anonymous_access"`
	Versioning        string            `json:"versioning"`
	ObjectLock        *bool             `json:"object_lock"`
	Quota             string            `json:"quota"`
	AbortDays         int               `json:"abort_incomplete_days"`
	ExpireDays        *int              `json:"expire_days"`
	Tags              map[string]string `json:"tags"`
	RemoveBucket      bool              `json:"remove_bucket"`
	ForceRemoveBucket bool              `json:"force_remove_bucket"`

	User              string         `json:"user"`
	UserSecretKey     secret.Text    `json:"user_secret_key"`
	UserEnabled       bool           `json:"user_enabled"`
	UpdateSecret      string         `json:"update_secret"`
	PolicyName        string         `json:"policy"`
	PolicyDocument    minio.Document `json:"policy_document"`
	ExclusivePolicies bool           `json:"exclusive_policies"`

	Verify *bool         `json:"verify"`
	Limit  time.Duration `json:"timeout"`
}

// What option update_secret may say.
const (
	updateVerify   = "verify"
	updateAlways   = "always"
	updateOnCreate = "on_create"
)

// Options is the module's table.
func (Module) Options() option.Table {
	return option.Table{
		Options:          slices.Concat(stateOptions(), minio.Options(), bucketOptions(), userOptions(), policyOptions(), runOptions()),
		RequiredTogether: minio.Pairs(),
	}
}

func stateOptions() []option.Option {
	return []option.Option{
		{Name: "state", Type: option.Text, Default: "present", Choices: []string{"present", "absent"}, Doc: []string{
			"Whether user, policy and bucket should exist. V(absent) leaves the bucket unless O(remove_bucket) is set."}},
		{Name: "admin", Type: option.Text, Default: "auto", Choices: []string{"auto", "minio", "none"}, Doc: []string{
			"How users and policies are managed: V(minio) by MinIO's admin API, V(none) not at all, because they are managed elsewhere.",
			"V(auto) asks the server, and warns when it has no such API."}},
	}
}

func bucketOptions() []option.Option {
	return []option.Option{
		{Name: "bucket", Type: option.Text, Default: "k3s-tempo", Aliases: []string{"name", "bucket_name"}, Check: minio.CheckBucket, Doc: []string{
			"Name of the bucket."}},
		{Name: "anonymous_access", Type: option.Text, Default: "report", Choices: []string{"report", "closed"}, Doc: []string{
			"A new bucket is private. If the bucket's own policy allows anonymous access, V(report) warns and V(closed) removes those statements from it."}},
		{Name: "versioning", Type: option.Text, Choices: []string{"on", "off", "suspended"}, Doc: []string{
			"Versioning of the bucket; left as it is when not given. Tempo has no use for it, and with it the objects that Tempo deletes stay.",
			"A bucket that once had versioning cannot lose it, so V(off) accepts V(suspended)."}},
		{Name: "object_lock", Type: option.Bool, Aliases: []string{"object_locking"}, Doc: []string{
			"Whether the bucket is created with object lock. It cannot be changed afterwards: a bucket that differs is an error."}},
		{Name: "quota", Type: option.Text, Check: checkQuota, Doc: []string{
			"The most that the bucket may hold, such as V(50GiB), or V(0) for no limit; left as it is when not given. Needs MinIO's admin API."}},
		{Name: "abort_incomplete_days", Type: option.Int, Default: 1, Check: option.Between(0, maxDays), Doc: []string{
			"After how many days the parts of unfinished uploads are removed, at most 36500; V(0) removes the rule.",
			"MinIO does that by itself for the whole server, after 24 hours, and knows no such rule; none is written there."}},
		{Name: "expire_days", Type: option.Int, Check: option.Between(0, maxDays), Doc: []string{
			"After how many days objects are deleted, at most 36500; V(0) removes the rule, and it is left as it is when not given. Tempo deletes by its own retention, so this must be longer."}},
		{Name: "tags", Type: option.Map, Elements: option.Text, Doc: []string{"Tags of the bucket. Others that it has are kept."}},
		{Name: "remove_bucket", Type: option.Bool, Default: false, Doc: []string{
			"Whether O(state=absent) removes the bucket too."}},
		{Name: "force_remove_bucket", Type: option.Bool, Default: false, Doc: []string{
			"Whether O(remove_bucket) may delete the objects in it, that is, all traces. Otherwise a bucket with objects is an error."}},
	}
}

func userOptions() []option.Option {
	return []option.Option{
		{Name: "user", Type: option.Text, Login: true, Default: "tempo", Check: minio.CheckUser, Doc: []string{
			"Name of the user as which Tempo logs in; it is the access key."}},
		{Name: "user_secret_key", Type: option.Text, Secret: true, Aliases: []string{"user_password"}, Check: minio.CheckKey, Doc: []string{
			"Secret key of that user. Required for O(state=present), unless O(admin=none).",
			"The store never returns a key, so it is tried with a read call, and written only if it is refused."}},
		{Name: "user_enabled", Type: option.Bool, Default: true, Doc: []string{"Whether the user may log in."}},
		{Name: "update_secret", Type: option.Text, Default: updateVerify, Choices: []string{updateVerify, updateAlways, updateOnCreate}, Doc: []string{
			"V(verify) writes the key if the store refuses it, V(always) in every run, which then always reports a change, and V(on_create) only with a new user."}},
	}
}

func policyOptions() []option.Option {
	return []option.Option{
		{Name: "policy", Type: option.Text, Aliases: []string{"policy_name"}, Check: minio.CheckPolicyName, Doc: []string{
			"Name of the policy; by default that of the user."}},
		{Name: "policy_document", Type: option.Map, Check: minio.CheckDocument, Doc: []string{
			"Document of the policy, instead of the minimum that Tempo needs. Documents are compared by their meaning."}},
		{Name: "exclusive_policies", Type: option.Bool, Default: false, Doc: []string{
			"Whether other policies are detached from the user."}},
	}
}

func runOptions() []option.Option {
	return []option.Option{
		{Name: "verify", Type: option.Bool, Doc: []string{
			"Whether the calls that Tempo makes (list, write, read, upload in parts, copy, delete) are tried as its user, on a trial object that is deleted afterwards. A missing permission is named.",
			"If it is not given, that is done after a change, unless the policy is your own."}},
		{Name: "timeout", Type: option.Duration, Default: "2m", Doc: []string{
			"How long the whole task may take. A server that accepts a connection and does not answer is given 30 seconds of it. Until then requests that fail temporarily are repeated: a busy or restarting server, a broken connection."}},
	}
}

// maxDays are a hundred years. A date more than 106751 days ahead is beyond
// what MinIO can represent, and is in the past for it: it deletes every object at
// once.
const maxDays = 36500

// The bounds of a quota in bytes: less holds no block of Tempo's, and more is not a
// number that every part of a server can represent.
const (
	minQuota = 1 << 20
	maxQuota = 1 << 60
)

func checkQuota(value any) error {
	text, _ := value.(string)
	bytes, err := humanize.ParseBytes(text)
	switch {
	case err != nil:
		return fmt.Errorf("must be a size such as 50GiB, or 0")
	case bytes == 0 && strings.Trim(text, "0 ") != "":
		return fmt.Errorf("must be a size such as 50GiB, or 0 for no limit: this would be less than a byte")
	case bytes > 0 && bytes < minQuota:
		return fmt.Errorf("must be at least 1MiB, or 0 for no limit: without a unit a number counts bytes, so write 50GiB for instance")
	case bytes > maxQuota:
		return fmt.Errorf("must be at most 1EiB, or 0 for no limit")
	}
	return nil
}
