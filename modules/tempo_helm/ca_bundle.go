// SPDX-License-Identifier: AGPL-3.0-or-later

package tempohelm

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	core "k8s.io/api/core/v1"

	"github.com/picluster/tracing/modules/internal/certificate"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/tempochart"
)

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
