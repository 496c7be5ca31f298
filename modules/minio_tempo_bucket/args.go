// SPDX-License-Identifier: AGPL-3.0-or-later

package bucket

import (
	"time"

	"github.com/picluster/tracing/modules/internal/minio"
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

// Timeout bounds the whole run.
func (a Args) Timeout() time.Duration { return a.Limit }

func (a Args) absent() bool { return a.State == "absent" }

// managesUsers reports whether the admin API may be used.
func (a Args) managesUsers() bool { return a.Admin != "none" }

// triesKey reports whether the user's key is to be tried.
func (a Args) triesKey() bool {
	return !a.absent() && a.UserEnabled && !a.UserSecretKey.Empty() && (a.UpdateSecret == "verify" || !a.managesUsers())
}

// policyName is the user's name unless the task gives another.
func (a Args) policyName() string {
	if a.PolicyName == "" {
		return a.User
	}
	return a.PolicyName
}

// document is the policy that the task gives, else the least that Tempo needs.
func (a Args) document() minio.Document {
	if len(a.PolicyDocument) > 0 {
		return a.PolicyDocument
	}
	return minio.TempoPolicy(a.Bucket)
}
