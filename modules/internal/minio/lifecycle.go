// SPDX-License-Identifier: AGPL-3.0-or-later

package minio

import (
	"context"
	"slices"
	"strings"

	"github.com/minio/minio-go/v7/pkg/lifecycle"

	"github.com/picluster/tracing/modules/internal/fault"
)

// Names of the two rules that belong to this program. Other rules of a bucket
// are kept as they are.
const (
	abortRule  = "picluster-tracing-abort-incomplete"
	expireRule = "picluster-tracing-expire"
)

// Lifecycle is what a bucket's own rules of ours say, in days; 0 is no rule.
type Lifecycle struct {
	AbortDays  int
	ExpireDays int
}

// AbortsItself reports that the store removes uploads that were never finished
// by a setting of the whole server. MinIO does, after 24 hours, and refuses a
// lifecycle rule for it (minio, internal/bucket/lifecycle/rule.go, Validate).
// It is known after the first answer.
func (s *Server) AbortsItself() bool { return s.transport.minio.Load() }

// Lifecycle reads our rules of a bucket.
func (s *Server) Lifecycle(ctx context.Context, bucket string) (Lifecycle, error) {
	rules, err := s.rules(ctx, bucket)
	found := Lifecycle{}
	for _, rule := range rules {
		switch {
		case rule.Status != "Enabled":
		case rule.ID == abortRule:
			found.AbortDays = int(rule.AbortIncompleteMultipartUpload.DaysAfterInitiation)
		case rule.ID == expireRule:
			found.ExpireDays = int(rule.Expiration.Days)
		}
	}
	return found, err
}

func (s *Server) rules(ctx context.Context, bucket string) ([]lifecycle.Rule, error) {
	config, err := s.store.GetBucketLifecycle(ctx, bucket)
	if none := Code(err); none == "NoSuchLifecycleConfiguration" || strings.HasPrefix(none, "204") { // which Garage 1 answers
		return nil, nil
	}
	if err != nil {
		return nil, Failed("read lifecycle of bucket "+bucket, err)
	}
	return config.Rules, nil
}

// SetLifecycle writes our rules of a bucket beside those of others.
func (s *Server) SetLifecycle(ctx context.Context, bucket string, wanted Lifecycle) error {
	rules, err := s.rules(ctx, bucket)
	if err != nil {
		return err
	}
	rules = slices.DeleteFunc(rules, func(rule lifecycle.Rule) bool { return rule.ID == abortRule || rule.ID == expireRule })
	rules = append(rules, wanted.rules()...)
	err = s.store.SetBucketLifecycle(ctx, bucket, &lifecycle.Configuration{Rules: rules})
	return refusedRule("set lifecycle of bucket "+bucket, wanted, err)
}

// refusedRule tells a refusal of the rule for uploads, which MinIO has no code
// of its own for, from that of any other argument.
func refusedRule(doing string, wanted Lifecycle, err error) error {
	if wanted.AbortDays > 0 && Code(err) == "InvalidArgument" {
		row := known()["MalformedXML"]
		return fault.Wrap(row.kind, row.hint, doing, cause(err))
	}
	return Failed(doing, err)
}

func (l Lifecycle) rules() []lifecycle.Rule {
	var rules []lifecycle.Rule
	if l.AbortDays > 0 {
		rules = append(rules, lifecycle.Rule{ID: abortRule, Status: "Enabled",
			AbortIncompleteMultipartUpload: lifecycle.AbortIncompleteMultipartUpload{DaysAfterInitiation: lifecycle.ExpirationDays(l.AbortDays)}})
	}
	if l.ExpireDays > 0 {
		rules = append(rules, lifecycle.Rule{ID: expireRule, Status: "Enabled",
			Expiration: lifecycle.Expiration{Days: lifecycle.ExpirationDays(l.ExpireDays)}})
	}
	return rules
}
