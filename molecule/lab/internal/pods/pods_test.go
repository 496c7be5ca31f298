// SPDX-License-Identifier: AGPL-3.0-or-later

package pods

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestFollow(t *testing.T) {
	const trace, parent = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
	cases := map[string]struct {
		reason, trace, span, sampled string
		follows, wantSampled         bool
	}{
		"context":     {"both IDs are valid in B3", trace, parent, "1", true, true},
		"not sampled": {"the caller decided against it", trace, parent, "0", true, false},
		"no decision": {"the receiver decides", trace, parent, "", true, true},
		"none":        {"a new trace starts", "", "", "", false, true},
		"no form":     {"not hexadecimal", "x" + trace[1:], parent, "1", false, true},
		"no span":     {"half a context is ignored", trace, "", "1", false, true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			headers := http.Header{}
			headers.Set("X-B3-TraceId", c.trace)
			headers.Set("X-B3-SpanId", c.span)
			headers.Set("X-B3-Sampled", c.sampled)
			got := follow(headers)
			require.Equal(t, c.follows, got.trace == trace && got.parent == parent, c.reason)
			require.Equal(t, c.wantSampled, got.sampled, c.reason)
			require.Regexp(t, "^[0-9a-f]{32}$", got.trace)
			require.Regexp(t, "^[0-9a-f]{16}$", got.span)
		})
	}
}

func TestOneTraceGoesThroughBothServices(t *testing.T) {
	sent := make(chan []span, 2)
	zipkin := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var spans []span
		if json.NewDecoder(r.Body).Decode(&spans) == nil {
			sent <- spans
		}
		w.WriteHeader(http.StatusAccepted)
	}))
	defer zipkin.Close()
	backend := httptest.NewServer(http.HandlerFunc(shop{name: "backend", zipkin: zipkin.URL, client: http.DefaultClient}.serve))
	defer backend.Close()
	frontend := httptest.NewServer(http.HandlerFunc(shop{name: "frontend", next: backend.URL, zipkin: zipkin.URL, client: http.DefaultClient}.serve))
	defer frontend.Close()
	answer, err := http.Get(frontend.URL + "/cart")
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	require.Equal(t, http.StatusOK, answer.StatusCode)
	parents := map[string]string{}
	names := map[string]string{}
	for range 2 {
		for _, one := range <-sent {
			parents[one.ID], names[one.ID] = one.Parent, one.Local.Service+" "+one.Kind
		}
	}
	chains := map[string]string{}
	for id, name := range names {
		chains[name] = names[parents[id]]
	}
	require.Equal(t, map[string]string{"frontend SERVER": "", "frontend CLIENT": "frontend SERVER", "backend SERVER": "frontend CLIENT"}, chains)
}

func TestUnreachableBackendIsReported(t *testing.T) {
	answer := httptest.NewRecorder()
	request := httptest.NewRequest(http.MethodGet, "/cart", nil)
	request.Header.Set("X-B3-TraceId", "0af7651916cd43dd8448eb211c80319c")
	request.Header.Set("X-B3-SpanId", "b7ad6b7169203331")
	request.Header.Set("X-B3-Sampled", "0")
	shop{name: "frontend", next: "http://127.0.0.1:1", client: http.DefaultClient}.serve(answer, request)
	require.Equal(t, http.StatusBadGateway, answer.Code)
}

func TestMemcachedKeepsAndRefuses(t *testing.T) {
	cases := map[string]struct{ reason, ask, want string }{
		"kept":      {"what was set is returned", "set a 7 0 3\r\nx\ry\r\nget a b\r\n", "STORED\r\nVALUE a 7 3\r\nx\ry\r\nEND\r\n"},
		"unique":    {"gets returns an additional number", "set a 0 0 1\r\nx\r\ngets a\r\n", "STORED\r\nVALUE a 0 1 1\r\nx\r\nEND\r\n"},
		"unknown":   {"strict", "incr a 1\r\nget a\r\n", "ERROR\r\n"},
		"bad chunk": {"the length is wrong", "set a 0 0 1\r\nxyz\r\n", "CLIENT_ERROR bad data chunk\r\n"},
		"too large": {"memcached's own limit", "set a 0 0 1048577\r\n", "SERVER_ERROR object too large for cache\r\n"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			client, server := net.Pipe()
			go (&cache{entries: map[string]entry{}}).talk(server)
			go func() { _, _ = client.Write([]byte(c.ask)) }()
			require.NoError(t, client.SetDeadline(time.Now().Add(time.Minute)))
			got := make([]byte, len(c.want))
			_, err := io.ReadFull(client, got)
			require.NoError(t, err)
			require.Equal(t, c.want, string(got), c.reason)
		})
	}
}
