// SPDX-License-Identifier: AGPL-3.0-or-later

package bucket

import (
	"github.com/dustin/go-humanize"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/minio"
)

// Desired turns the arguments into the wanted State.
func (m *Module) Desired(args Args) (State, error) {
	want := State{
		Names: Names{Bucket: args.Bucket, User: args.User, Policy: args.policyName()},
		Wish:  wish(args),
	}
	if args.absent() {
		return want, nil
	}
	if err := contradiction(args); err != nil {
		return want, err
	}
	want.Bucket = &Bucket{Settings: settings(args)}
	want.User = &User{Enabled: args.UserEnabled, Policies: []string{args.policyName()}, Key: KeyRight}
	want.Policy = args.document()
	return want, nil
}

func wish(args Args) Wish {
	return Wish{
		Absent:         args.absent(),
		Admin:          args.Admin,
		AlwaysWriteKey: args.UpdateSecret == "always",
		LeaveKey:       args.UpdateSecret == "on_create",
		Exclusive:      args.ExclusivePolicies,
		ClosePublic:    args.AnonymousAccess == "closed",
		Prove:          proof(args),
		RemoveBucket:   args.RemoveBucket,
		RemoveObjects:  args.ForceRemoveBucket,
	}
}

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

// contradiction refuses what single options cannot tell.
func contradiction(args Args) error {
	lock := args.ObjectLock != nil && *args.ObjectLock
	switch {
	case args.managesUsers() && args.UserSecretKey.Empty():
		return fault.New(fault.Usage, "give the key as whom Tempo logs in, or set admin: none when the user is made elsewhere",
			"user_secret_key is required")
	case args.managesUsers() && args.User == args.AccessKey:
		return fault.New(fault.Usage, "Tempo gets a user of its own, which may do no more than it needs",
			"user %s is the administrator of access_key", args.User)
	case args.Quota != "" && !args.managesUsers():
		return fault.New(fault.Usage, "leave quota out, or let admin be auto or minio", "quota needs MinIO's admin API, and admin is none")
	case lock && args.Versioning != "" && args.Versioning != minio.VersioningOn:
		return fault.New(fault.Usage, "set versioning: on, or leave it out", "object_lock needs versioning, and versioning is %s", args.Versioning)
	}
	if err := minio.CheckTags(args.Tags); err != nil {
		return fault.As(fault.Usage, "", "tags", err)
	}
	return nil
}
