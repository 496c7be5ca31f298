// SPDX-License-Identifier: AGPL-3.0-or-later

// Package s3secret builds and reads the Secrets with Tempo's S3 credentials and
// with the CA of its object storage.
package s3secret

import (
	"cmp"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"

	core "k8s.io/api/core/v1"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/option"
	"github.com/picluster/tracing/modules/internal/secret"
	"github.com/picluster/tracing/modules/internal/tempochart"
)

// The entries of the credentials Secret. They are the environment variables
// that Tempo's S3 client reads in every version (grafana/tempo
// tempodb/backend/s3/s3.go, fetchCreds: EnvAWS).
const (
	AccessKeyEntry = "AWS_ACCESS_KEY_ID"
	SecretKeyEntry = "AWS_SECRET_ACCESS_KEY"
)

// saltAnnotation holds the salt of the checksum of the credentials, so
// that nobody can try passwords against the checksum on the pods.
const saltAnnotation = "picluster.tracing/salt"

// Credentials is the Secret with the keys of the object storage.
type Credentials struct {
	// Name of the Secret; "" when there is none.
	Name string
	// Owned is true for the module's own Secret, false for one of the user's.
	Owned bool
	// Salt is mixed into Checksum.
	Salt string
	Data map[string]secret.Text
}

// Wanted is the Secret that the options of a release ask for.
func Wanted(release string, s3 tempochart.S3) Credentials {
	if s3.ExistingSecret != "" {
		return Credentials{Name: s3.ExistingSecret}
	}
	return Credentials{Name: release + "-s3-credentials", Owned: true, Data: map[string]secret.Text{
		AccessKeyEntry: secret.NewText(s3.AccessKey), SecretKeyEntry: s3.SecretKey,
	}}
}

// Salted are the credentials with the salt of the live ones, else a new one. A
// Secret of the user's has none of ours.
func (c Credentials) Salted(live Credentials, fresh string) Credentials {
	if c.Owned {
		c.Salt = cmp.Or(live.Salt, fresh)
	}
	return c
}

// CredentialsOf is a Secret as it was read.
func CredentialsOf(live core.Secret) Credentials {
	c := Credentials{Name: live.Name, Owned: live.Labels[kube.ManagedByLabel] == kube.Manager, Salt: live.Annotations[saltAnnotation], Data: map[string]secret.Text{}}
	if !c.Owned {
		c.Salt = string(live.UID)
	}
	for key, value := range live.Data {
		c.Data[key] = secret.NewText(string(value))
	}
	return c
}

// Checksum changes when a credential does. It tells nothing about them to
// whoever cannot read the Secret.
func (c Credentials) Checksum() string {
	sum := hmac.New(sha256.New, []byte(c.Salt))
	for _, key := range slices.Sorted(maps.Keys(c.Data)) {
		sum.Write([]byte(key + "\x00" + c.Data[key].Reveal() + "\x00"))
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// NewSalt is one that nobody can guess.
func NewSalt() string {
	salt := make([]byte, 16)
	_, _ = rand.Read(salt) // never fails (go1.24, crypto/rand)
	return hex.EncodeToString(salt)
}

// Content is a Secret as it is written.
type Content struct {
	Name        string
	Data        map[string][]byte
	Annotations map[string]string
}

// Content is the Secret to write.
func (c Credentials) Content() Content {
	data := map[string][]byte{}
	for key, value := range c.Data {
		data[key] = []byte(value.Reveal())
	}
	return Content{Name: c.Name, Data: data, Annotations: map[string]string{saltAnnotation: c.Salt}}
}

// Usable reports what is missing in a Secret of the user's, which the task names.
func (c Credentials) Usable(name string) error {
	if c.Name == "" {
		return fault.New(fault.NotFound, "create it first, with the entries "+AccessKeyEntry+" and "+SecretKeyEntry, "secret %s of s3.existing_secret does not exist", name)
	}
	for _, entry := range []string{AccessKeyEntry, SecretKeyEntry} {
		if c.Data[entry].Empty() {
			return fault.New(fault.NotFound, "its entries become environment variables of Tempo, so their names matter", "secret %s of s3.existing_secret has no entry %s", name, entry)
		}
		if option.LastLine(c.Data[entry].Reveal()) != nil {
			return fault.New(fault.Usage, "recreate the Secret without it, with kubectl create secret generic --from-literal, or printf instead of echo",
				"entry %s in secret %s of s3.existing_secret ends with a line break, so that the store would refuse the login", entry, name)
		}
	}
	return nil
}

// Marked shows the entries without their values: the mark where the other side
// differs, Hidden where both are the same.
func (c Credentials) Marked(other Credentials, mark string) map[string]any {
	shown := map[string]any{}
	for key, value := range c.Data {
		shown[key] = secret.Hidden
		if other.Name == "" || other.Data[key] != value {
			shown[key] = mark
		}
	}
	return shown
}

// Redacted shows the entries without their values.
func (c Credentials) Redacted() map[string]any { return c.Marked(c, secret.Hidden) }
