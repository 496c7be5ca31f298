// SPDX-License-Identifier: AGPL-3.0-or-later

package tempo

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	core "k8s.io/api/core/v1"

	"github.com/picluster/tracing/modules/internal/certificate"
	"github.com/picluster/tracing/modules/internal/kube"
)

// Where the pods find the certificate of the object storage's CA, and the entry
// of its Secret.
const (
	authorityEntry  = "ca.crt"
	authorityFolder = "/etc/picluster-tracing/s3-ca"
)

// Authority is the CA of the object storage. A certificate is no secret; it lies
// in a Secret so that the request which reads the credentials finds it too.
type Authority struct {
	// Name of the Secret; "" when there is none.
	Name string
	// Owned is true for the module's own Secret.
	Owned bool
	// PEM are the certificates.
	PEM string
}

func (a Args) authorityName() string { return a.Release + "-s3-ca" }

// authority is the CA that the options ask for, read from its file.
func (a Args) authority() (Authority, error) {
	if a.S3.CACert == "" || a.State == absent {
		return Authority{}, nil
	}
	pem, err := certificate.Authority("s3.ca_cert", a.S3.CACert)
	if err != nil {
		return Authority{}, err
	}
	// A text from YAML often has another end than the same text from a file.
	return Authority{Name: a.authorityName(), Owned: true, PEM: strings.TrimSpace(string(pem)) + "\n"}, nil
}

// foundAuthority is a CA as it was read.
func foundAuthority(live core.Secret) Authority {
	return Authority{Name: live.Name, Owned: live.Labels[kube.ManagedByLabel] == kube.Manager, PEM: string(live.Data[authorityEntry])}
}

// Checksum changes when a certificate does.
func (a Authority) Checksum() string {
	sum := sha256.Sum256([]byte(a.PEM))
	return hex.EncodeToString(sum[:])
}

func (a Authority) kept() kept {
	return kept{name: a.Name, data: map[string][]byte{authorityEntry: []byte(a.PEM)}}
}

func (a Authority) shown() map[string]any {
	return map[string]any{authorityEntry: "sha256:" + a.Checksum()}
}
