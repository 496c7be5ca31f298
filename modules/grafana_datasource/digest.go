// SPDX-License-Identifier: AGPL-3.0-or-later

package datasource

import (
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"strings"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/grafana"
	"github.com/picluster/tracing/modules/internal/secret"
)

// digestKey is the key of jsonData that holds a digest for each secret that
// this module has written. Grafana keeps and ignores keys that it does not know.
const digestKey = "picluster_secret_digests"

// rounds makes guessing a password from its digest slow: everybody who may see
// the data source's settings sees the digest. A Raspberry Pi 4 takes about
// 20 ms for one.
const rounds = 10_000

const saltBytes = 12

// digest is "salt$sum", both in base64.
func digest(salt []byte, text secret.Text) (string, error) {
	sum, err := pbkdf2.Key(sha256.New, text.Reveal(), salt, rounds, sha256.Size)
	if err != nil {
		return "", fault.As(fault.Internal, "", "make the digest of a secret", err)
	}
	encode := base64.RawStdEncoding.EncodeToString
	return encode(salt) + "$" + encode(sum), nil
}

func newDigest(text secret.Text) (string, error) {
	salt := make([]byte, saltBytes)
	_, _ = rand.Read(salt) // never fails (crypto/rand)
	return digest(salt, text)
}

// fits reports whether a stored digest is that of the secret.
func fits(stored string, text secret.Text) bool {
	salt, err := base64.RawStdEncoding.DecodeString(stored[:max(strings.Index(stored, "$"), 0)])
	if err != nil || len(salt) == 0 {
		return false
	}
	made, err := digest(salt, text)
	return err == nil && hmac.Equal([]byte(made), []byte(stored))
}

// mustWrite decides for one secret.
func (w *Wish) mustWrite(name string, text secret.Text, have *grafana.Source) bool {
	if have == nil || !slices.Contains(have.SecretsSet, name) {
		return !text.Empty()
	}
	if w.UpdateSecret == "on_create" {
		return false
	}
	if known, isKnown := have.Secrets[name]; isKnown {
		return known != text // a file can be read, other than Grafana's own memory
	}
	if w.UpdateSecret == "always" {
		return true
	}
	digests, _ := have.JSONData[digestKey].(map[string]any)
	stored, _ := digests[name].(string)
	return !fits(stored, text)
}

// withDigests returns source with the digests of the secrets that it writes.
func withDigests(source grafana.Source, mode string) (grafana.Source, error) {
	if mode != "digest" || len(source.Secrets) == 0 {
		return source, nil
	}
	digests := map[string]any{}
	for name, text := range source.Secrets {
		made, err := newDigest(text)
		if err != nil {
			return source, err
		}
		digests[name] = made
	}
	source.JSONData = merged(source.JSONData, map[string]any{digestKey: digests})
	return source, nil
}
