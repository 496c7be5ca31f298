// SPDX-License-Identifier: AGPL-3.0-or-later

package helm

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/picluster/tracing/modules/internal/certificate"
	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/file"
	"github.com/picluster/tracing/modules/internal/retry"
)

// loadTimeout bounds the download of a chart, index and archive, on a slow line.
const loadTimeout = 3 * time.Minute

// policy retries what failed temporarily. The whole index of the busiest
// repositories is below 20 MB.
var policy = retry.Policy{Largest: file.Archives, Timeout: 30 * time.Second}

// get reads an address of the repository.
func (s Source) get(ctx context.Context, address string) ([]byte, error) {
	client, err := s.httpClient(ctx)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, fault.New(fault.Usage, "check chart_repo_url and chart_ref", "%s is not a URL", plain(address))
	}
	if s.Username != "" && s.ownsAddress(request.URL) {
		request.SetBasicAuth(s.Username, s.Password.Reveal())
	}
	response, err := client.Do(request) //nolint:bodyclose // retry.Read closes it
	if err != nil {
		return nil, fault.During("get "+plain(address), cause(err))
	}
	data, err := retry.Read(response)
	if err == nil && response.StatusCode != http.StatusOK {
		return nil, refused(plain(address), response.StatusCode)
	}
	return data, fault.During("get "+plain(address), err)
}

// ownsAddress reports whether the credentials belong to this address: an index may
// point to archives elsewhere, which must not see them.
func (s Source) ownsAddress(address *url.URL) bool {
	base := s.Repository
	if base == "" || s.Ref == address.String() {
		base = s.Ref
	}
	home, err := url.Parse(base)
	return err == nil && home.Scheme == address.Scheme && home.Host == address.Host
}

func refused(address string, status int) error {
	doing := fmt.Sprintf("get %s: the server answered %d %s", address, status, http.StatusText(status))
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return fault.New(fault.Denied, "check chart_repo_username and chart_repo_password", "%s", doing)
	case http.StatusNotFound:
		return fault.New(fault.NotFound, "chart_repo_url must be the address that has index.yaml below it", "%s", doing)
	}
	return fault.New(fault.Unreachable, "look at the repository's server", "%s", doing)
}

// httpClient makes a client whose requests end with ctx, also where they are
// those of a library that takes none.
func (s Source) httpClient(ctx context.Context) (*http.Client, error) {
	settings, err := s.tls()
	if err != nil {
		return nil, err
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = settings
	ending := retry.New(certificate.Names{CA: "chart_repo_ca_cert"}.Over(transport), policy).Ending(ctx)
	return &http.Client{Transport: ending, CheckRedirect: limitRedirects}, nil
}

func (s Source) tls() (*tls.Config, error) {
	settings := &tls.Config{InsecureSkipVerify: s.Insecure} //nolint:gosec // only when the user asks for it
	if s.CAFile == "" {
		return settings, nil
	}
	pool, err := certificate.Pool("chart_repo_ca_cert", s.CAFile)
	if err != nil {
		return nil, err
	}
	settings.RootCAs = pool
	return settings, nil
}

// plain is an address without the login that it may contain.
func plain(address string) string {
	parsed, err := url.Parse(address)
	if err != nil {
		return "the address"
	}
	parsed.User = nil
	return parsed.String()
}

// cause drops the method and the address from an error of net/http, which are
// named already.
func cause(err error) error {
	var at *url.Error
	if errors.As(err, &at) {
		return at.Err
	}
	return err
}
