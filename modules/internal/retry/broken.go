// SPDX-License-Identifier: AGPL-3.0-or-later

package retry

import (
	"errors"
	"io"
)

// inWords is the error of an attempt as a person reads it: net/http tells of a
// connection that ended with the "EOF" of its reader.
func inWords(err error) error {
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return &brokenOff{"the connection broke off in the middle of the answer", err}
	case errors.Is(err, io.EOF):
		return &brokenOff{"the connection was closed without an answer", err}
	}
	return err
}

// brokenOff is a connection that ended where an answer was due.
type brokenOff struct {
	text  string
	cause error
}

func (b *brokenOff) Error() string { return b.text }

// Unwrap returns what net/http said.
func (b *brokenOff) Unwrap() error { return b.cause }
