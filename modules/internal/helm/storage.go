// SPDX-License-Identifier: AGPL-3.0-or-later

package helm

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"helm.sh/helm/v3/pkg/release"
	"helm.sh/helm/v3/pkg/storage/driver"
	core "k8s.io/api/core/v1"
)

// Labels of the Secrets in which Helm keeps releases (helm
// pkg/storage/driver/secrets.go, newSecretsObject).
const (
	OwnerLabel  = "owner"
	Owner       = "helm"
	NameLabel   = "name"
	StatusLabel = "status"
)

// IsRelease reports whether a Secret holds a release.
func IsRelease(secret core.Secret) bool { return secret.Labels[OwnerLabel] == Owner }

// FromSecrets reads the releases among Secrets, the newest revision first.
func FromSecrets(secrets []core.Secret) ([]Release, error) {
	var all []Release
	for _, secret := range secrets {
		if !IsRelease(secret) {
			continue
		}
		release, err := decode(secret)
		if err != nil {
			return nil, fmt.Errorf("read release record %s: %w", secret.Name, err)
		}
		all = append(all, release)
	}
	slices.SortFunc(all, func(a, b Release) int { return cmp.Compare(b.Revision, a.Revision) })
	return all, nil
}

// decode undoes what Helm does to a release before it stores it: JSON, gzip,
// base64 (helm pkg/storage/driver/util.go, encodeRelease). Its error does not
// quote the record, since values may hold secrets.
func decode(secret core.Secret) (Release, error) {
	packed := make([]byte, base64.StdEncoding.DecodedLen(len(secret.Data["release"])))
	n, err := base64.StdEncoding.Decode(packed, secret.Data["release"])
	if err != nil {
		return Release{}, fmt.Errorf("it is not base64")
	}
	text, err := unzip(packed[:n])
	if err != nil {
		return Release{}, err
	}
	var source release.Release
	if json.Unmarshal(text, &source) != nil {
		return Release{}, fmt.Errorf("it is not a release in JSON")
	}
	source.Labels = custom(secret.Labels)
	return fromHelm(&source)
}

// unzip leaves alone what Helm stored before it knew compression.
func unzip(packed []byte) ([]byte, error) {
	if !bytes.HasPrefix(packed, []byte{0x1f, 0x8b, 0x08}) {
		return packed, nil
	}
	reader, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, fmt.Errorf("it is not gzip: %w", err)
	}
	defer reader.Close() //nolint:errcheck // it reads from memory
	text, err := io.ReadAll(io.LimitReader(reader, unpacked+1))
	if err == nil && len(text) > unpacked {
		return nil, fmt.Errorf("it is larger than %d MiB unpacked", unpacked>>20)
	}
	return text, err
}

// unpacked is the size in bytes above which a record is not unpacked on: one of
// the largest charts is 10 MiB, and a Secret holds 1 MiB, which may unpack to a
// GiB.
const unpacked = 128 << 20

// custom drops the labels that are Helm's own.
func custom(labels map[string]string) map[string]string {
	own := map[string]string{}
	for key, value := range labels {
		if !slices.Contains(driver.GetSystemLabels(), key) {
			own[key] = value
		}
	}
	return own
}
