// SPDX-License-Identifier: AGPL-3.0-or-later

package helm

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// mostOfATest is after how many requests a server of these tests gives up.
const mostOfATest = 2 * mostRequests

// endless is a server that answers every request as one does that never comes to
// an end.
func endless(t *testing.T, answer http.HandlerFunc) (address string, asked *atomic.Int64) {
	t.Helper()
	asked = new(atomic.Int64)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if asked.Add(1) > mostOfATest {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		answer(w, r)
	}))
	t.Cleanup(server.Close)
	return strings.TrimPrefix(server.URL, "http://"), asked
}

func TestEndlessServers(t *testing.T) {
	onward := func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/again", http.StatusFound) }
	another := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Link", fmt.Sprintf(`<%s?last=x>; rel="next"`, r.URL.Path))
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprint(w, `{"name":"tempo","tags":["0.1.0"]}`)
	}
	for name, test := range map[string]struct {
		reason  string
		answer  http.HandlerFunc
		source  func(address string) Source
		message string
	}{
		"a registry": {"its client follows redirects endlessly", onward,
			func(address string) Source {
				return Source{Ref: "oci://" + address + "/tempo", Version: "1.0.0", PlainHTTP: true}
			}, "the server redirects without end"},
		"a repository": {"with the same message", onward,
			func(address string) Source {
				return Source{Repository: "http://" + address, Ref: "tempo", Version: "1.0.0"}
			}, "the server redirects without end"},
		"a file": {"with the same message", onward,
			func(address string) Source { return Source{Ref: "http://" + address + "/tempo-1.0.0.tgz"} }, "the server redirects without end"},
		"versions of a registry": {"each page links to a next one", another,
			func(address string) Source {
				return Source{Ref: "oci://" + address + "/tempo", Version: "~1.0", PlainHTTP: true}
			}, "the registry was asked 500 times, and its answers do not end"},
	} {
		t.Run(name, func(t *testing.T) {
			address, asked := endless(t, test.answer)
			_, err := test.source(address).Load(t.Context())
			require.ErrorContains(t, err, test.message, test.reason)
			require.Less(t, asked.Load(), int64(mostOfATest))
		})
	}
}
