// SPDX-License-Identifier: AGPL-3.0-or-later

// Package digest stores salted digests of secrets that a server never returns, so
// that a changed secret can be told from an unchanged one.
package digest

import (
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"strings"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/secret"
)

// rounds makes guessing a password from its digest slow, for whoever sees the
// digest. A Raspberry Pi 4 takes about 20 ms for one.
const rounds = 10_000

const saltBytes = 12

// New returns a digest of the secret with a salt of its own: "salt$sum", both
// in base64.
func New(text secret.Text) (string, error) {
	salt := make([]byte, saltBytes)
	_, _ = rand.Read(salt) // never fails (crypto/rand)
	return with(salt, text)
}

func with(salt []byte, text secret.Text) (string, error) {
	sum, err := pbkdf2.Key(sha256.New, text.Reveal(), salt, rounds, sha256.Size)
	if err != nil {
		return "", fault.Wrap(fault.Internal, "", "make the digest of a secret", err)
	}
	encode := base64.RawStdEncoding.EncodeToString
	return encode(salt) + "$" + encode(sum), nil
}

// Fits reports whether a stored digest is that of the secret. What is not a
// digest fits none.
func Fits(stored string, text secret.Text) bool {
	written, _, isDigest := strings.Cut(stored, "$")
	salt, err := base64.RawStdEncoding.DecodeString(written)
	if !isDigest || err != nil || len(salt) == 0 {
		return false
	}
	made, err := with(salt, text)
	return err == nil && hmac.Equal([]byte(made), []byte(stored))
}
