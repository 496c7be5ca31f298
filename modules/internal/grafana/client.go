// SPDX-License-Identifier: AGPL-3.0-or-later

// Package grafana provides a client for Grafana's HTTP API, and reads and writes
// Grafana's provisioning files. Only uid routes are used: Grafana 13 has no numeric
// ones.
//
// The client is a small one over net/http and not Grafana's own,
// github.com/grafana/grafana-openapi-client-go (2026-03-30). Measured on amd64,
// linked beside the Helm SDK, minio-go and madmin-go, stripped: the program
// grows from 80.4 MB to 97.9 MB, its xz from 17.1 MB to 19.7 MB, and its memory
// at start from 72 MB to 83 MB; two architectures must fit 20 MB. A bare program
// with four calls is 10.4 MB with it and 6.2 MB without. It also gives no type
// to what is between us and Grafana: an HTML page, a redirect to a login
// page or a 502 of an ingress all come back as one error of decoding. The lab
// holds every body that this package sends against that client's models.
package grafana

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/picluster/tracing/modules/internal/certificate"
	"github.com/picluster/tracing/modules/internal/retry"
)

// Client is a login to one Grafana in one organization.
type Client struct {
	access Access
	base   string // without a trailing slash
	http   *http.Client
	orgID  int64
}

// policy repeats reads; it repeats a change only where that has certainly not
// been carried out. Grafana gives a data source 30 s to answer.
var policy = retry.Policy{May: mayRepeat, Attempt: 45 * time.Second, Timeout: 15 * time.Second}

// mayRepeat is a few times for what Grafana passes on: a data source whose server
// is down stays down for longer than anybody waits.
func mayRepeat(request *http.Request, status int) retry.Attempts {
	if worth := retry.Reads(request, status); worth == retry.Once || !strings.Contains(request.URL.Path, "/api/datasources/proxy/") {
		return worth
	}
	return retry.Few
}

// Open prepares a client. It contacts nothing yet.
func Open(access Access) (*Client, error) {
	names := cmp.Or(access.Names, certificate.DefaultNames)
	config, err := certificate.Files{Names: names, Validate: access.ValidateCerts, CA: access.CACert, ClientCert: access.ClientCert, ClientKey: access.ClientKey}.Config()
	if err != nil {
		return nil, err
	}
	transport := &http.Transport{
		DialContext:         (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		TLSClientConfig:     config,
		TLSHandshakeTimeout: 10 * time.Second,
		ForceAttemptHTTP2:   true,
	}
	if access.UseProxy {
		transport.Proxy = http.ProxyFromEnvironment
	}
	return &Client{
		access: access, base: strings.TrimRight(strings.TrimSpace(access.URL), "/"), orgID: access.OrgID,
		http: &http.Client{Transport: retry.New(names.Over(transport), policy), CheckRedirect: noRedirects},
	}, nil
}

// noRedirects follows no redirect: the login would go along, and the address that was
// given is wrong anyway.
func noRedirects(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// call is one request of the API and what is expected of it.
type call struct {
	// doing names step and thing for errors: "read data source tempo".
	doing  string
	method string
	// path is escaped and begins with /api.
	path string
	// body is sent as JSON when it is not nil.
	body any
	// plain takes any content type of an answer with status 200.
	plain bool
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// do sends the call, which is repeated where that helps, and decodes a 200 into out.
func (c *Client) do(ctx context.Context, request call, out any) error {
	reply, err := c.send(ctx, request)
	if err != nil {
		return c.unreachable(request, err)
	}
	if err := c.refused(request, reply); err != nil {
		return err
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(reply.body, out); err != nil {
		return c.notGrafana(request, reply)
	}
	return nil
}

// send sends the call and reads the whole answer.
func (c *Client) send(ctx context.Context, request call) (answer, error) {
	var body io.Reader
	if request.body != nil {
		data, err := json.Marshal(request.body)
		if err != nil {
			return answer{}, err
		}
		body = bytes.NewReader(data)
	}
	sent, err := http.NewRequestWithContext(ctx, request.method, c.base+request.path, body)
	if err != nil {
		return answer{}, err
	}
	c.authorize(sent)
	response, err := c.http.Do(sent) //nolint:bodyclose // retry.Read closes it
	if err != nil {
		return answer{}, err
	}
	data, err := retry.Read(response)
	return answer{status: response.StatusCode, header: response.Header, body: data}, err
}

func (c *Client) authorize(request *http.Request) {
	request.Header.Set("Accept", "application/json")
	request.Header.Set("User-Agent", "picluster.tracing")
	// Else Grafana asks for five seconds after a change the address that a data
	// source had before (pkg/services/datasources/service/cache.go).
	request.Header.Set("X-Grafana-NoCache", "true")
	if request.Body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if c.orgID != 0 {
		request.Header.Set("X-Grafana-Org-Id", strconv.FormatInt(c.orgID, 10))
	}
	if !c.access.Token.Empty() {
		request.Header.Set("Authorization", "Bearer "+c.access.Token.Reveal())
		return
	}
	request.SetBasicAuth(c.access.User, c.access.Password.Reveal())
}

// escaped is a path segment.
func escaped(segment string) string { return url.PathEscape(segment) }
