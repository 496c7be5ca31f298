// SPDX-License-Identifier: AGPL-3.0-or-later

// Package retry repeats HTTP requests that failed temporarily, and limits the time
// of every attempt and the size of every answer. It is the one place where that is
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
	// Few is for faults where retrying seldom helps.
	Few Attempts = 5
)

// Policy is how the requests to one kind of server are treated. Its zero value
// repeats reads, within the time that their context allows.
type Policy struct {
	// May says how often a request is worth sending after this status, or after
	// it was sent and broke off (0). It is asked about statuses that may pass:
	// 408, 500, 502, 503 and 504. What the server certainly has not carried out
	// (no connection was made, or 429) is repeated without asking. Nil means
	// Reads.
	May func(request *http.Request, status int) Attempts
	// Lasting reports requests whose answers go on until the caller closes them:
	// only the wait for their headers is bounded. Nil means none.
	Lasting func(*http.Request) bool
	// Unanswered is how often to try a server that has never answered: the
	// address may be wrong. 0 means Few.
	Unanswered Attempts
	// Timeout bounds the retries of one request besides its context; 0 leaves
	// it to the context.
	Timeout time.Duration
	// Attempt bounds one attempt, from the dial to the end of a short answer; 0
	// is 30 seconds. A server that has never answered gets 30 seconds at most.
	Attempt time.Duration
	// Largest is the size in bytes of the longest answer that is accepted; 0
	// means 32 MiB.
	Largest int64
	// Streamed leaves reading the answer to the caller. Otherwise it is read in
	// full before it is judged, so that one that breaks off is repeated too.
	Streamed bool
	// Buffered is the size in bytes up to which a streamed answer is read in full
	// anyway, so that most of those that break off are repeated.
	Buffered int64
	// Backoff is the time to wait between attempts; its zero value means 0.2 to 2
	// seconds.
	Backoff wait.Backoff
}

// firstAnswer is how long a server that has never answered may take to answer.
const firstAnswer = 30 * time.Second

// slowest is the minimum speed of a long answer in bytes per second: its
// attempt gets another second for each that many.
const slowest = 16 << 10

// Reads is the default for Policy.May: only reads are repeated.
func Reads(request *http.Request, status int) Attempts {
	if request.Method != http.MethodGet && request.Method != http.MethodHead {
		return Once
	}
	return Passing(status)
}

// Passing is how often a harmless request is worth repeating: an error 500
// mostly stays.
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
	if p.Unanswered == 0 {
		p.Unanswered = Few
	}
	if p.Attempt == 0 {
		p.Attempt = firstAnswer
	}
	if p.Largest == 0 {
		p.Largest = 32 << 20
	}
	if p.Backoff.Initial == 0 {
		p.Backoff = wait.Backoff{Initial: 200 * time.Millisecond, Max: 2 * time.Second}
	}
	return p
}
