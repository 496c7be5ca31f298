// SPDX-License-Identifier: AGPL-3.0-or-later

package bucket

import "github.com/picluster/tracing/modules/internal/minio"

// State is what is in the store, or what is wanted there. Nil is absent.
type State struct {
	Bucket *Bucket
	User   *User
	Policy minio.Document
	// Names say what the paths of changes name.
	Names Names
	// Wish holds what only a wanted State has.
	Wish Wish
}

// Names of the things in the store.
type Names struct{ Bucket, User, Policy string }

// Bucket is a bucket with its settings.
type Bucket struct {
	Region string
	// Public reports that its own policy lets anybody in.
	Public bool
}

// User is a user of the store.
type User struct {
	Enabled  bool
	Policies []string
	Key      Key
}

// Key says whether a user's key is the wanted one.
type Key string

// The states of a key. An unknown key was not tried, and counts as right.
const (
	KeyRight   Key = "right"
	KeyWrong   Key = "wrong"
	KeyUnknown Key = ""
)

// Wish says how to get to a wanted State.
type Wish struct {
	// Absent asks for removal of user and policy. The bucket stays.
	Absent bool
	// AlwaysWriteKey writes the key in each run.
	AlwaysWriteKey bool
	// Exclusive detaches other policies from the user.
	Exclusive bool
}

// Desired turns the arguments into the wanted State.
func (m *Module) Desired(args Args) (State, error) {
	want := State{Names: Names{Bucket: args.Bucket, User: args.User, Policy: args.policyName()}}
	if args.absent() {
		want.Wish.Absent = true
		return want, nil
	}
	want.Bucket = &Bucket{Region: args.Region}
	want.User = &User{Enabled: true, Policies: []string{args.policyName()}, Key: KeyRight}
	want.Policy = args.document()
	want.Wish = Wish{AlwaysWriteKey: args.UpdateSecret == "always", Exclusive: args.ExclusivePolicies}
	return want, nil
}
