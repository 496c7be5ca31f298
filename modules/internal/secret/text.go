// SPDX-License-Identifier: AGPL-3.0-or-later

// Package secret keeps passwords and keys out of all output.
package secret

import (
	"encoding/json"
	"fmt"
	"log/slog"
)

// Marks that a diff shows in place of a secret: Hidden for a value that
// stays as it is, Before and After for one that changes. A reader sees that
// something changes and not what.
const (
	Hidden = "***"
	Before = "*** (before)"
	After  = "*** (after)"
)

// Text is a string that prints as Hidden in every way: fmt with any verb, JSON,
// YAML by way of JSON, and slog. Reveal is the only way to the value. The zero
// Text is the empty secret.
type Text struct{ value string }

// NewText hides value.
func NewText(value string) Text { return Text{value: value} }

// Reveal returns the hidden string.
func (t Text) Reveal() string { return t.value }

// Empty reports whether there is no value.
func (t Text) Empty() bool { return t.value == "" }

// String returns Hidden, or "" for the empty secret.
func (t Text) String() string {
	if t.Empty() {
		return ""
	}
	return Hidden
}

// GoString hides the value from %#v.
func (t Text) GoString() string { return t.String() }

// Format hides the value from every verb of package fmt.
func (t Text) Format(state fmt.State, _ rune) { _, _ = state.Write([]byte(t.String())) }

// LogValue hides the value from slog.
func (t Text) LogValue() slog.Value { return slog.StringValue(t.String()) }

// MarshalJSON writes the mark, never the value.
func (t Text) MarshalJSON() ([]byte, error) { return json.Marshal(t.String()) }

// UnmarshalJSON takes a JSON string as the value to hide. Its error does not
// quote the input.
func (t *Text) UnmarshalJSON(data []byte) error {
	if json.Unmarshal(data, &t.value) != nil {
		return fmt.Errorf("a secret must be a string")
	}
	return nil
}
