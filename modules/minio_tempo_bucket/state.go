// SPDX-License-Identifier: AGPL-3.0-or-later

package bucket

import "github.com/picluster/tracing/modules/internal/minio"

// State is what is in the store, or what is wanted there. Nil is absent.
type State struct {
	Bucket *Bucket
	User   *User
	Policy minio.Document
	// Store is what was found out about the store itself.
	Store Store
	// Names say what the paths of changes name. Only a wanted State has them.
	Names Names
	// Wish says how to get to a wanted State.
	Wish Wish
}

// Store is a kind of S3 store.
type Store struct {
	// Admin reports that users and policies are managed there.
	Admin bool
	// Region is the one for which it takes requests.
	Region string
	// AbortsItself reports that it clears unfinished uploads without a rule.
	AbortsItself bool
	// Proven reports that this run made the calls of Tempo there.
	Proven bool
}

// Names of the things in the store.
type Names struct{ Bucket, User, Policy string }

// Bucket is a bucket with its settings.
type Bucket struct {
	// Policy is the bucket's own, which says what everybody may do.
	Policy   minio.Document
	Settings Settings
	// Objects counts all versions; only a bucket that is to go is counted.
	Objects int
}

// Settings are those of a bucket that somebody asked for; the others stay nil
// or empty.
type Settings struct {
	Versioning string
	ObjectLock *bool
	// Quota in bytes.
	Quota                 *uint64
	AbortDays, ExpireDays *int
	Tags                  map[string]string
}

// User is a user of the store. One that is made elsewhere has only a key.
type User struct {
	Enabled  bool
	Policies []string
	Key      Key
}

// Key says whether a user's key is the wanted one.
type Key string

// The states of a key. An unknown key was not tried.
const (
	KeyRight   Key = "right"
	KeyWrong   Key = "wrong"
	KeyUnknown Key = ""
)

// Proof says when the calls of Tempo are tried.
type Proof string

// The times for a proof.
const (
	ProveNever  Proof = ""
	ProveChange Proof = "after a change"
	ProveAlways Proof = "always"
)

// Wish says how to get to a wanted State.
type Wish struct {
	// Absent asks for removal instead.
	Absent bool
	// Admin is the option of that name.
	Admin string
	// AlwaysWriteKey writes the key in each run, LeaveKey only with a new user.
	AlwaysWriteKey, LeaveKey bool
	// Exclusive detaches other policies from the user.
	Exclusive bool
	// ClosePublic ends anonymous access; else there is a warning.
	ClosePublic bool
	Prove       Proof
	// RemoveBucket lets the bucket go, RemoveObjects even one that is not empty.
	RemoveBucket, RemoveObjects bool
}
