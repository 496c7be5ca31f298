// SPDX-License-Identifier: AGPL-3.0-or-later

package tempohelm

import (
	"cmp"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strings"

	core "k8s.io/api/core/v1"

	"github.com/picluster/tracing/modules/internal/certificate"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/secret"
	"github.com/picluster/tracing/modules/internal/tempochart"
)

// The entries of the credentials Secret. They are the environment variables
// that Tempo's S3 client reads in every version (grafana/tempo
// tempodb/backend/s3/s3.go, fetchCreds: EnvAWS).
const (
	accessKeyEntry = "AWS_ACCESS_KEY_ID"
	secretKeyEntry = "AWS_SECRET_ACCESS_KEY"
)

// saltAnnotation holds what is mixed into the checksum of the credentials, so
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

// credentials is the Secret that the options ask for.
func (a Args) credentials() Credentials {
	if a.S3.ExistingSecret != "" {
		return Credentials{Name: a.S3.ExistingSecret}
	}
	return Credentials{Name: a.Release + "-s3-credentials", Owned: true, Data: map[string]secret.Text{
		accessKeyEntry: secret.NewText(a.S3.AccessKey), secretKeyEntry: a.S3.SecretKey,
	}}
}

// salted are the credentials with the salt of the live ones, else a new one. A
// Secret of the user's has none of ours.
func (c Credentials) salted(live Credentials, fresh string) Credentials {
	if c.Owned {
		c.Salt = cmp.Or(live.Salt, fresh)
	}
	return c
}

// credentialsOf is a Secret as it was read.
func credentialsOf(live core.Secret) Credentials {
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

func (c Credentials) owned() ownedSecret {
	data := map[string][]byte{}
	for key, value := range c.Data {
		data[key] = []byte(value.Reveal())
	}
	return ownedSecret{name: c.Name, data: data, annotations: map[string]string{saltAnnotation: c.Salt}}
}

func newSalt() string {
	salt := make([]byte, 16)
	_, _ = rand.Read(salt) // never fails (go1.24, crypto/rand)
	return hex.EncodeToString(salt)
}

// CABundle is the CA of the object storage. A certificate is no secret; it lies
// in a Secret so that the request which reads the credentials finds it too.
type CABundle struct {
	// Name of the Secret; "" when there is none.
	Name string
	// Owned is true for the module's own Secret.
	Owned bool
	// PEM are the certificates.
	PEM string
}

// caBundle is the CA that the options ask for, read from its file.
func (s Spec) caBundle() (CABundle, error) {
	if s.S3.CACert == "" || s.absent() {
		return CABundle{}, nil
	}
	pem, err := certificate.Authority("s3.ca_cert", s.S3.CACert)
	if err != nil {
		return CABundle{}, err
	}
	// A text from YAML often has another end than the same text from a file.
	return CABundle{Name: s.caSecret(), Owned: true, PEM: strings.TrimSpace(string(pem)) + "\n"}, nil
}

// caBundleOf is a CA as it was read.
func caBundleOf(live core.Secret) CABundle {
	return CABundle{Name: live.Name, Owned: live.Labels[kube.ManagedByLabel] == kube.Manager, PEM: string(live.Data[tempochart.CAEntry])}
}

// Checksum changes when a certificate does.
func (c CABundle) Checksum() string {
	sum := sha256.Sum256([]byte(c.PEM))
	return hex.EncodeToString(sum[:])
}

func (c CABundle) owned() ownedSecret {
	return ownedSecret{name: c.Name, data: map[string][]byte{tempochart.CAEntry: []byte(c.PEM)}}
}

func (c CABundle) redacted() map[string]any {
	return map[string]any{tempochart.CAEntry: "sha256:" + c.Checksum()}
}
