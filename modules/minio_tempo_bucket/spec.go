// SPDX-License-Identifier: AGPL-3.0-or-later

package bucket

import (
	"cmp"
	"time"

	"github.com/dustin/go-humanize"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/minio"
)

// Spec is what is wanted in the store: the options, and what they amount to.
type Spec struct {
	Args
	// Settings are those of the bucket.
	Settings Settings
	// Policy is the one that the task gives, else the least that Tempo needs.
	Policy minio.Document
	Prove  Proof
}

// Proof says when the calls of Tempo are tried.
type Proof string

// The times for a proof.
const (
	ProveNever  Proof = ""
	ProveChange Proof = "after a change"
	ProveAlways Proof = "always"
)

// Spec turns the arguments into what is wanted.
func (Module) Spec(args Args) (Spec, error) {
	args.PolicyName = cmp.Or(args.PolicyName, args.User)
	spec := Spec{Args: args}
	if spec.absent() {
		return spec, nil
	}
	if err := validate(args); err != nil {
		return spec, err
	}
	spec.Settings, spec.Prove, spec.Policy = settings(args), proof(args), args.PolicyDocument
	if len(spec.Policy) == 0 {
		spec.Policy = minio.TempoPolicy(args.Bucket)
	}
	return spec, nil
}

// Timeout bounds the whole run.
func (s Spec) Timeout() time.Duration { return s.Limit }

func (s Spec) absent() bool { return s.State == "absent" }

// triesKey reports whether the user's key is to be tried.
func (s Spec) triesKey() bool {
	return !s.absent() && s.UserEnabled && !s.UserSecretKey.Empty() && (s.UpdateSecret == updateVerify || !managesUsers(s.Args))
}

// managesUsers reports whether the admin API may be used.
func managesUsers(args Args) bool { return args.Admin != "none" }

func proof(args Args) Proof {
	usable := args.UserEnabled && !args.UserSecretKey.Empty()
	switch {
	case args.Verify != nil && !*args.Verify, !usable:
		return ProveNever
	case args.Verify != nil:
		return ProveAlways
	case len(args.PolicyDocument) > 0:
		return ProveNever
	}
	return ProveChange
}

func settings(args Args) Settings {
	wanted := Settings{
		Versioning: args.Versioning,
		ObjectLock: args.ObjectLock,
		AbortDays:  &args.AbortDays,
		ExpireDays: args.ExpireDays,
		Tags:       args.Tags,
	}
	if args.Quota != "" {
		bytes, _ := humanize.ParseBytes(args.Quota) // checked with the options
		wanted.Quota = &bytes
	}
	return wanted
}

// validate refuses what no single option can tell.
func validate(args Args) error {
	lock := args.ObjectLock != nil && *args.ObjectLock
	switch {
	case managesUsers(args) && args.UserSecretKey.Empty():
		return fault.New(fault.Usage, "give the key with which Tempo logs in, or set admin: none if the user is managed elsewhere",
			"user_secret_key is required")
	case managesUsers(args) && args.User == args.AccessKey:
		return fault.New(fault.Usage, "Tempo gets a user of its own, which may do no more than it needs; set admin: none if users are managed elsewhere",
			"user %s is the administrator of access_key", args.User)
	case args.Quota != "" && !managesUsers(args):
		return fault.New(fault.Usage, "leave quota out, or let admin be auto or minio", "quota needs MinIO's admin API, and admin is none")
	case lock && args.Versioning != "" && args.Versioning != minio.VersioningOn:
		return fault.New(fault.Usage, "set versioning: on, or leave it out", "object_lock needs versioning, and versioning is %s", args.Versioning)
	}
	if err := minio.CheckTags(args.Tags); err != nil {
		return fault.Wrap(fault.Usage, "", "tags", err)
	}
	return nil
}
