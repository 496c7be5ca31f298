// SPDX-License-Identifier: AGPL-3.0-or-later

// Package retry repeats HTTP requests that failed temporarily, and bounds every
// attempt in time and every answer in size. It is the one place where that is
// decided, for all servers; what differs between them is a Policy.
package retry

import (
	"net/http"
	"time"

	"github.com/picluster/tracing/modules/internal/wait"
)

// Attempts is how often a request is worth sending.
type Attempts int

// The answers of Policy.May.
const (
	// Always is as often as time allows.
	Always Attempts = 0
	// Once is for what may have been carried out, or would fail again.
	Once Attempts = 1
	// Few is for where repeating seldom helps.
	Few Attempts = 5
)

// Policy is how the requests to one kind of server are treated. Its zero value
// repeats reads, within the time that their context allows.
type Policy struct {
	// May says how often a request is worth sending that got this status, or
	// broke off after it was sent (0). It is asked about statuses that may pass:
	// 408, 500, 502, 503 and 504. What the server surely has not carried out, a
	// connection that was never made and 429, is repeated without asking. Nil is
	// Reads.
	May func(request *http.Request, status int) Attempts
	// Lasting reports requests whose answers go on until the caller closes them:
	// only their header is bounded. Nil is none.
	Lasting func(*http.Request) bool
	// Strangers is how often a server is tried that has never answered: it may
	// be the wrong address. 0 is Few.
	Strangers Attempts
	// Timeout bounds the repeats of one request beside its context; 0 leaves it
	// to the context.
	Timeout time.Duration
	// Attempt bounds one attempt, from the dial to the end of a short answer; 0
	// is 30 seconds. A server that has never answered gets 30 seconds at most.
	Attempt time.Duration
	// Largest is the size in bytes of the longest answer that is taken; 0 is
	// 32 MiB.
	Largest int64
	// Streamed leaves the answer to the caller to read. Otherwise it is read
	// whole before it is judged, so that one that breaks off is repeated too.
	Streamed bool
	// Held is the size in bytes up to which an answer is read whole anyway, so
	// that most that break off are repeated although long ones are streamed.
	Held int64
	// Backoff is the time to wait between attempts; its zero value is from 0.2 to
	// 2 seconds.
	Backoff wait.Backoff
}

// stranger is how long a server that has never answered may take to answer.
const stranger = 30 * time.Second

// slowest is the speed in bytes a second that a long answer must have to be
// waited for: its attempt gets a second more for each of these.
const slowest = 16 << 10

// Reads is the policy's May for servers about which nothing more is known.
func Reads(request *http.Request, status int) Attempts {
	if request.Method != http.MethodGet && request.Method != http.MethodHead {
		return Once
	}
	return Passing(status)
}

// Passing is how often a request that does no harm is worth repeating: an error
// of the server itself mostly stays.
func Passing(status int) Attempts {
	if status == http.StatusInternalServerError {
		return Few
	}
	return Always
}

func (p Policy) filled() Policy {
	if p.May == nil {
		p.May = Reads
	}
	if p.Lasting == nil {
		p.Lasting = func(*http.Request) bool { return false }
	}
	if p.Strangers == 0 {
		p.Strangers = Few
	}
	if p.Attempt == 0 {
		p.Attempt = stranger
	}
	if p.Largest == 0 {
		p.Largest = 32 << 20
	}
	if p.Backoff.Initial == 0 {
		p.Backoff = wait.Backoff{Initial: 200 * time.Millisecond, Max: 2 * time.Second}
	}
	return p
}
