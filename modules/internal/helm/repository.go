// SPDX-License-Identifier: AGPL-3.0-or-later

package helm

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"strings"

	"github.com/picluster/tracing/modules/internal/fault"
)

// fromRepository finds the chart in the repository's index and downloads it.
func (s Source) fromRepository(ctx context.Context) ([]byte, error) {
	if s.Repository == "" {
		return nil, fault.New(fault.Usage, "set chart_repo_url, or make chart_ref a path or a URL", "there is no repository to take it from")
	}
	index, err := s.get(ctx, strings.TrimSuffix(s.Repository, "/")+"/index.yaml")
	if err != nil {
		return nil, err
	}
	entries, err := entriesOf(index, s.Ref)
	if err != nil {
		return nil, err
	}
	entry, err := s.choose(entries)
	if err != nil {
		return nil, err
	}
	link, err := s.link(entry)
	if err != nil {
		return nil, err
	}
	archive, err := s.get(ctx, link)
	if err != nil {
		return nil, err
	}
	return archive, verify(archive, entry)
}

// link is the address of an entry's archive; it may be relative to the index.
func (s Source) link(found entry) (string, error) {
	if len(found.URLs) == 0 {
		return "", fault.New(fault.Rejected, "", "the index gives no address for version %s", found.Version)
	}
	base, err := url.Parse(strings.TrimSuffix(s.Repository, "/") + "/")
	if err != nil {
		return "", fault.New(fault.Usage, "check chart_repo_url", "the address of the repository is not a URL")
	}
	target, err := base.Parse(found.URLs[0])
	if err != nil {
		return "", fault.New(fault.Rejected, "", "the index gives no usable address for version %s", found.Version)
	}
	return target.String(), nil
}

// verify checks an archive against the checksum of the index, if there is one.
func verify(archive []byte, found entry) error {
	want := strings.TrimPrefix(found.Digest, "sha256:")
	sum := sha256.Sum256(archive)
	if want == "" || strings.EqualFold(want, hex.EncodeToString(sum[:])) {
		return nil
	}
	return fault.New(fault.Rejected, "the download was damaged or changed on its way: try again, or tell whoever runs the repository",
		"the archive of version %s does not have the checksum of the index", found.Version)
}
