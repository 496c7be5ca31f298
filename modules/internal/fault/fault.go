// SPDX-License-Identifier: AGPL-3.0-or-later

// Package fault gives errors a kind and a hint, so that each failure names the
// step, the object, the cause and the next move.
package fault

import (
	"errors"
	"fmt"
)

// Kind is a closed word for what went wrong; playbooks may branch on it.
type Kind string

// The kinds, as they stand in a failed result under "kind".
const (
	Usage       Kind = "usage"       // the options contradict themselves or each other
	Unsupported Kind = "unsupported" // these versions cannot do what is asked
	NotFound    Kind = "not_found"   // a thing that must exist does not
	Denied      Kind = "denied"      // the login or the permission was refused
	Unreachable Kind = "unreachable" // no answer from the server
	TLS         Kind = "tls"         // the certificate was not accepted
	Conflict    Kind = "conflict"    // somebody else owns it or is changing it now
	Timeout     Kind = "timeout"     // it did not happen in time
	Rejected    Kind = "rejected"    // the server refused the request itself
	Internal    Kind = "internal"    // a bug in this program
)

// Error is a failure with a kind and a hint.
type Error struct {
	Kind Kind
	// Op is the step and the thing: "create bucket k3s-tempo".
	Op    string
	Cause error
	// Hint tells the user what to do next, a sentence without a full stop.
	Hint string
}

// Error returns "step thing: cause" in one line.
func (e *Error) Error() string {
	switch {
	case e.Cause == nil:
		return e.Op
	case e.Op == "":
		return e.Cause.Error()
	}
	return e.Op + ": " + e.Cause.Error()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// New makes an error of a kind without a cause. The text is formatted as by
// fmt.Sprintf.
func New(kind Kind, hint, format string, args ...any) error {
	return &Error{Kind: kind, Op: fmt.Sprintf(format, args...), Hint: hint}
}

// Sentinel is an error to compare with (errors.Is), and a constant: a variable
// made by errors.New would be work at each start of the program.
type Sentinel string

// Error is the text.
func (s Sentinel) Error() string { return string(s) }

// During says in which step and for which thing err happened: "read policy
// tempo". Kind and hint come from err where it carries them, else from the
// network or TLS fault that it holds, else the kind is Rejected. Nil stays nil.
func During(doing string, err error) error {
	if err == nil {
		return nil
	}
	kind, hint := classify(err, Rejected)
	return &Error{Kind: kind, Op: doing, Cause: err, Hint: hint}
}

// Wrap is During with a kind and a hint that the caller knows better. An empty doing
// adds no words.
func Wrap(kind Kind, hint, doing string, err error) error {
	return &Error{Kind: kind, Op: doing, Cause: err, Hint: hint}
}

// KindOf returns the kind of err: that of the outermost Error within it, else
// what the network fault in it says, else Internal.
func KindOf(err error) Kind {
	kind, _ := classify(err, Internal)
	return kind
}

// HintOf returns the hint for err, or "".
func HintOf(err error) string {
	_, hint := classify(err, Internal)
	return hint
}

// classify returns the kind and the hint of err, and otherwise where nothing in
// it tells a kind.
func classify(err error, otherwise Kind) (Kind, string) {
	var known *Error
	if errors.As(err, &known) {
		return known.Kind, known.Hint
	}
	for _, row := range network {
		if row.matches(err) {
			return row.kind, row.hint
		}
	}
	return otherwise, ""
}
