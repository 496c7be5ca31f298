// SPDX-License-Identifier: AGPL-3.0-or-later

package torture

import (
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strconv"
	"time"

	"github.com/picluster/tracing/modules/internal/testkit"
)

// fault is a way to break one request.
type fault struct {
	name   string
	handle testkit.Handle
}

// faults are all ways, in the order of the table's columns.
var faults = []fault{
	{"cut before", func(http.ResponseWriter, *http.Request, http.Handler) { panic(http.ErrAbortHandler) }},
	{"cut after", func(_ http.ResponseWriter, r *http.Request, next http.Handler) {
		next.ServeHTTP(httptest.NewRecorder(), r)
		panic(http.ErrAbortHandler)
	}},
	{"429", says(http.StatusTooManyRequests, "text/plain", "slow down")},
	{"500", says(http.StatusInternalServerError, "text/plain", "something broke")},
	{"503", says(http.StatusServiceUnavailable, "text/plain", "no backend")},
	{"truncated", truncated},
	{"HTML", says(http.StatusOK, "text/html", "<!doctype html><html><body><form>Log in</form></body></html>")},
	{"wrong type", says(http.StatusOK, "application/json", `["not", "what", "was", "asked"]`)},
	{"slow", slow},
	{"silent", silent},
}

// says answers in the server's place.
func says(status int, kind, text string) testkit.Handle {
	return func(w http.ResponseWriter, r *http.Request, _ http.Handler) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", kind)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, text)
	}
}

// truncated lets the server answer, and breaks the connection in the middle.
func truncated(w http.ResponseWriter, r *http.Request, next http.Handler) {
	answer := answerOf(w, r, next)
	body := answer.Body.Bytes()
	w.Header().Set("Content-Length", strconv.Itoa(max(len(body), 2)))
	w.WriteHeader(answer.Code)
	_, _ = w.Write(body[:len(body)/2])
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

// pieces is how many a slow answer comes in, with a pause before each.
const (
	pieces = 4
	pause  = 150 * time.Millisecond
)

// slow lets the server answer, and passes the answer on bit by bit.
func slow(w http.ResponseWriter, r *http.Request, next http.Handler) {
	answer := answerOf(w, r, next)
	time.Sleep(pause)
	w.WriteHeader(answer.Code)
	for body := answer.Body; body.Len() > 0; time.Sleep(pause) {
		_, _ = w.Write(body.Next(max(body.Len()/pieces, 1<<10)))
		_ = http.NewResponseController(w).Flush()
	}
}

// silent says nothing until the client gives up.
func silent(_ http.ResponseWriter, r *http.Request, _ http.Handler) {
	_, _ = io.Copy(io.Discard, r.Body) // a closed connection is noticed only when nothing is left to read
	<-r.Context().Done()
	panic(http.ErrAbortHandler)
}

// answerOf is the server's whole answer, with its header in place.
func answerOf(w http.ResponseWriter, r *http.Request, next http.Handler) *httptest.ResponseRecorder {
	answer := httptest.NewRecorder()
	next.ServeHTTP(answer, r)
	maps.Copy(w.Header(), answer.Header())
	return answer
}
