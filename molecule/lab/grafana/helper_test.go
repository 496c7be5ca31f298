// SPDX-License-Identifier: AGPL-3.0-or-later

package grafana

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// client talks to one stand-in as one login.
type client struct {
	t      *testing.T
	base   string
	header http.Header
}

func start(t *testing.T, o Options) client {
	t.Helper()
	handler, err := New(o)
	require.NoError(t, err)
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return client{t: t, base: server.URL, header: http.Header{"Authorization": {"Basic YWRtaW46YWRtaW4="}}} // admin:admin
}

func (c client) with(name, value string) client {
	c.header = c.header.Clone()
	c.header.Set(name, value)
	return c
}

// do sends a request and returns the status and the JSON body.
func (c client) do(method, path, body string) (int, map[string]any) {
	c.t.Helper()
	status, text := c.raw(method, path, body)
	var parsed map[string]any
	require.NoError(c.t, json.Unmarshal([]byte(text), &parsed), "%s %s answered %q", method, path, text)
	return status, parsed
}

func (c client) raw(method, path, body string) (int, string) {
	c.t.Helper()
	request, err := http.NewRequest(method, c.base+path, strings.NewReader(body))
	require.NoError(c.t, err)
	request.Header = c.header.Clone()
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	plain := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := plain.Do(request)
	require.NoError(c.t, err)
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	require.NoError(c.t, err)
	return response.StatusCode, string(text)
}

const tempo = `{"name":"Tempo","uid":"tempo","type":"tempo","access":"proxy","url":"http://tempo:3200"}`
