// SPDX-License-Identifier: AGPL-3.0-or-later

package option

import (
	"errors"
	"strings"
	"unicode"
)

// The longest names that Kubernetes allows for a namespace and for most other
// objects (RFC 1123, label and subdomain).
const (
	longestLabel     = 63
	longestSubdomain = 253
)

// CheckNamespace is a Check for the name of a namespace. "" is accepted, as no name.
func CheckNamespace(value any) error {
	text, _ := value.(string)
	if text == "" || len(text) <= longestLabel && isName(text, "-") {
		return nil
	}
	return errors.New("must be the name of a namespace: lower-case letters, digits and hyphens")
}

// CheckName is a Check for the name of an object in Kubernetes, or of a Helm
// release. "" is accepted, as no name.
func CheckName(value any) error {
	text, _ := value.(string)
	if text == "" || len(text) <= longestSubdomain && isName(text, "-.") {
		return nil
	}
	return errors.New("must be a name: lower-case letters, digits, hyphens and dots")
}

// isName reports whether a text consists of lower-case letters, digits and these
// signs, and no sign is at either end.
func isName(text, signs string) bool {
	other := func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && !strings.ContainsRune(signs, r)
	}
	return strings.IndexFunc(text, other) < 0 && strings.Trim(text, signs) == text
}

// CheckLine is a Check for a text that goes into an address or a header: it has
// no line breaks, tabs or other control characters.
func CheckLine(value any) error {
	text, _ := value.(string)
	if strings.IndexFunc(text, unicode.IsControl) >= 0 {
		return errors.New("must be one line, without a line break or a tab")
	}
	return nil
}

// CheckWord is a Check for a name that a store, a registry or a queue keeps by its
// own rules. None of them takes a blank or a letter beyond ASCII.
func CheckWord(value any) error {
	text, _ := value.(string)
	if strings.IndexFunc(text, func(r rune) bool { return r <= ' ' || r > '~' }) >= 0 {
		return errors.New("must be one word of letters, digits and signs, without blanks, line breaks and letters such as ä")
	}
	return nil
}

// CheckHeader is a Check for the name of an HTTP header (RFC 9110, token).
func CheckHeader(value any) error {
	text, _ := value.(string)
	other := func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("!#$%&'*+-.^_`|~", r)
	}
	if strings.IndexFunc(text, other) >= 0 {
		return errors.New("must be the name of a header, such as X-B3-Traceid")
	}
	return nil
}

// Both is a Check that runs one check after the other.
func Both(first, second func(value any) error) func(value any) error {
	return func(value any) error {
		if err := first(value); err != nil {
			return err
		}
		return second(value)
	}
}
