// SPDX-License-Identifier: AGPL-3.0-or-later

package s3secret

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	core "k8s.io/api/core/v1"

	"github.com/picluster/tracing/modules/internal/certificate"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/tempochart"
)

// CA is the CA of the object storage. A certificate is no secret; it is kept
// in a Secret so that the request which reads the credentials finds it too.
type CA struct {
	// Name of the Secret; "" when there is none.
	Name string
	// Owned is true for the module's own Secret.
	Owned bool
	// PEM are the certificates.
	PEM string
}

// ReadCA is the CA that an option names as a path or gives as a text, to be kept in
// the Secret name.
func ReadCA(name, option, value string) (CA, error) {
	pem, err := certificate.CABundle(option, value)
	if err != nil {
		return CA{}, err
	}
	// A text from YAML often ends differently from the same text in a file.
	return CA{Name: name, Owned: true, PEM: strings.TrimSpace(string(pem)) + "\n"}, nil
}

// CAOf is a CA as it was read.
func CAOf(live core.Secret) CA {
	return CA{Name: live.Name, Owned: live.Labels[kube.ManagedByLabel] == kube.Manager, PEM: string(live.Data[tempochart.CAEntry])}
}

// Checksum changes when a certificate does.
func (c CA) Checksum() string {
	sum := sha256.Sum256([]byte(c.PEM))
	return hex.EncodeToString(sum[:])
}

// Content is the Secret to write.
func (c CA) Content() Content {
	return Content{Name: c.Name, Data: map[string][]byte{tempochart.CAEntry: []byte(c.PEM)}}
}

// Redacted is what a diff shows of it.
func (c CA) Redacted() map[string]any {
	return map[string]any{tempochart.CAEntry: "sha256:" + c.Checksum()}
}
