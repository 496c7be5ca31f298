// SPDX-License-Identifier: AGPL-3.0-or-later

package bucket

import (
	"time"

	"github.com/picluster/tracing/modules/internal/minio"
	"github.com/picluster/tracing/modules/internal/secret"
)

// Args are the options of a task.
type Args struct {
	minio.Access
	State             string         `json:"state"`
	Bucket            string         `json:"bucket"`
	User              string         `json:"user"`
	UserSecretKey     secret.Text    `json:"user_secret_key"`
	UpdateSecret      string         `json:"update_secret"`
	PolicyName        string         `json:"policy"`
	PolicyDocument    minio.Document `json:"policy_document"`
	ExclusivePolicies bool           `json:"exclusive_policies"`
	Limit             time.Duration  `json:"timeout"`
}

// Timeout bounds the whole run.
func (a Args) Timeout() time.Duration { return a.Limit }

func (a Args) absent() bool { return a.State == "absent" }

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
