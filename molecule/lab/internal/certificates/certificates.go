// SPDX-License-Identifier: AGPL-3.0-or-later

// Package certificates creates the lab's own certificate authority and the
// certificates that it signs.
package certificates

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/picluster/tracing/molecule/lab/internal/folder"
)

// A lab lives for days; certificates last a year and are renewed in their last month.
const (
	life   = 365 * 24 * time.Hour
	margin = 30 * 24 * time.Hour
)

// Holder is who a certificate is for. Kubernetes reads the user from Name and the groups from Groups.
type Holder struct {
	// File is the name of the certificate's files, without extension.
	File   string
	Name   string
	Groups []string
	// Hosts are names and addresses of a server; a holder without hosts is a client.
	Hosts []string
}

// Store is the folder with NAME.crt and NAME.key for each holder and for the CA, called ca.
type Store struct{ Dir string }

// Certificate is the path of a holder's certificate, Key that of the private key.
func (s Store) Certificate(file string) string { return filepath.Join(s.Dir, file+".crt") }

// Key is the path of a holder's private key.
func (s Store) Key(file string) string { return filepath.Join(s.Dir, file+".key") }

// Ensure makes whatever is missing or expires soon. With a new CA everything is signed again.
func (s Store) Ensure(now time.Time, holders []Holder) error {
	authority, err := s.read("ca", now)
	renewed := authority == nil
	if err == nil && renewed {
		authority, err = s.makeAuthority(now)
	}
	if err != nil {
		return err
	}
	for _, holder := range holders {
		have, err := s.read(holder.File, now)
		if err != nil {
			return err
		}
		if have != nil && !renewed && have.certificate.CheckSignatureFrom(authority.certificate) == nil {
			continue
		}
		if err := s.issue(now, authority, holder); err != nil {
			return err
		}
	}
	return nil
}

// pair is a certificate with its key.
type pair struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

// read returns nil when the pair is missing, damaged or expires soon.
func (s Store) read(file string, now time.Time) (*pair, error) {
	certificate, err := readBlock(s.Certificate(file))
	if err != nil {
		return nil, err
	}
	key, err := readBlock(s.Key(file))
	if err != nil || certificate == nil || key == nil {
		return nil, err
	}
	parsed, err := x509.ParseCertificate(certificate)
	if err != nil || now.Add(margin).After(parsed.NotAfter) {
		return nil, nil
	}
	private, err := x509.ParseECPrivateKey(key)
	if err != nil || !private.PublicKey.Equal(parsed.PublicKey) {
		return nil, nil
	}
	return &pair{certificate: parsed, key: private}, nil
}

func readBlock(path string) ([]byte, error) {
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read certificate %s: %w", path, err)
	}
	block, _ := pem.Decode(raw)
	if block == nil {
		return nil, nil
	}
	return block.Bytes, nil
}

func (s Store) makeAuthority(now time.Time) (*pair, error) {
	template := &x509.Certificate{
		Subject:               pkix.Name{CommonName: "picluster lab"},
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	return s.sign(now, "ca", template, nil)
}

func (s Store) issue(now time.Time, authority *pair, holder Holder) error {
	template := &x509.Certificate{
		Subject:     pkix.Name{CommonName: holder.Name, Organization: holder.Groups},
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	if len(holder.Hosts) > 0 {
		template.ExtKeyUsage = append(template.ExtKeyUsage, x509.ExtKeyUsageServerAuth)
	}
	for _, host := range holder.Hosts {
		if address := net.ParseIP(host); address != nil {
			template.IPAddresses = append(template.IPAddresses, address)
			continue
		}
		template.DNSNames = append(template.DNSNames, host)
	}
	_, err := s.sign(now, holder.File, template, authority)
	return err
}

// sign completes the template and writes both files; without a CA the certificate is self-signed.
func (s Store) sign(now time.Time, file string, template *x509.Certificate, authority *pair) (*pair, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make the key of %s: %w", file, err)
	}
	template.SerialNumber, err = rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, fmt.Errorf("make the certificate of %s: %w", file, err)
	}
	template.NotBefore, template.NotAfter = now.Add(-time.Hour), now.Add(life)
	if authority == nil {
		authority = &pair{certificate: template, key: key}
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, authority.certificate, &key.PublicKey, authority.key)
	if err != nil {
		return nil, fmt.Errorf("make the certificate of %s: %w", file, err)
	}
	return s.write(file, raw, key)
}

func (s Store) write(file string, raw []byte, key *ecdsa.PrivateKey) (*pair, error) {
	certificate, err := x509.ParseCertificate(raw)
	if err != nil {
		return nil, fmt.Errorf("make the certificate of %s: %w", file, err)
	}
	private, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("make the key of %s: %w", file, err)
	}
	if err := folder.WriteFile(s.Key(file), encode("EC PRIVATE KEY", private), 0o600); err != nil {
		return nil, err
	}
	if err := folder.WriteFile(s.Certificate(file), encode("CERTIFICATE", raw), 0o600); err != nil {
		return nil, err
	}
	return &pair{certificate: certificate, key: key}, nil
}

func encode(kind string, raw []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: raw})
}
