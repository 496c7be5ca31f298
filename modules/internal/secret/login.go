// SPDX-License-Identifier: AGPL-3.0-or-later

package secret

import "strings"

// withoutLogins hides what is between :// and @ in the URLs of a text.
func withoutLogins(text string) string {
	if !strings.Contains(text, "://") || !strings.Contains(text, "@") {
		return text
	}
	var out strings.Builder
	for {
		before, after, found := strings.Cut(text, "://")
		if !found {
			out.WriteString(text)
			return out.String()
		}
		out.WriteString(before + "://")
		login := loginIn(after)
		if login > 0 && telling(before, after[:login]) {
			out.WriteString(Hidden)
			after = after[login:]
		}
		text = after
	}
}

// loginIn is the length of the login at the beginning of a URL without its
// scheme.
func loginIn(rest string) int {
	if end := strings.IndexAny(rest, "/?#\\ \t\r\n\"'`<>"); end >= 0 {
		rest = rest[:end]
	}
	return max(0, strings.LastIndexByte(rest, '@'))
}

// telling reports whether a login holds a secret: a password, or the token that
// web servers take in the user's place. The user of ssh://git@host is none.
func telling(scheme, login string) bool {
	_, password, has := strings.Cut(login, ":")
	return has && password != "" || strings.HasSuffix(scheme, "http") || strings.HasSuffix(scheme, "https") || strings.HasSuffix(scheme, "oci")
}
