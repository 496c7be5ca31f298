// SPDX-License-Identifier: AGPL-3.0-or-later

package retry

import (
	"errors"
	"io"

	"github.com/picluster/tracing/modules/internal/fault"
)

// inWords makes the error of an attempt readable: net/http reports a connection
// that ended as its reader's "EOF", and minio-go and madmin-go replace every
// error with "EOF" in its text by an untyped one.
func inWords(err error) error {
	text := ""
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		text = "the connection broke off in the middle of the answer"
	case errors.Is(err, io.EOF):
		text = "the connection was closed without an answer"
	default:
		return err
	}
	return fault.Wrap(fault.Unreachable, "the server, or a proxy in front of it, ended the connection before its answer: check its log, and whether http or https is right",
		"", &brokenOff{text, err})
}

// brokenOff is a connection that ended before its answer was complete.
type brokenOff struct {
	text  string
	cause error
}

func (b *brokenOff) Error() string { return b.text }

// Unwrap returns what net/http said.
func (b *brokenOff) Unwrap() error { return b.cause }
