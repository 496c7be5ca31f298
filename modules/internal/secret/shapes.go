// SPDX-License-Identifier: AGPL-3.0-or-later

package secret

import (
	"slices"
	"strings"
)

// shapes masks what shows by itself that it is a secret.
func (m *masker) shapes(all string) string {
	if hashed(all) || posts(all) {
		return m.hide(all)
	}
	all = m.maskPatterns(m.keys(all))
	for _, scheme := range []string{"Bearer ", "Basic "} {
		if login, ok := strings.CutPrefix(all, scheme); ok && login != "" && !strings.Contains(login, " ") {
			return scheme + m.hide(login)
		}
	}
	if clean := withoutLogins(all); clean != all {
		m.logins(all)
		return clean
	}
	return all
}

// keys masks private keys in PEM form and those of OpenPGP.
func (m *masker) keys(all string) string {
	before, block, found := strings.Cut(all, "-----BEGIN ")
	if !found {
		return all
	}
	kind, rest, _ := strings.Cut(block, "-----")
	content, behind, _ := strings.Cut(rest, "-----END ")
	if strings.HasSuffix(strings.TrimSuffix(kind, " BLOCK"), "PRIVATE KEY") && strings.Trim(content, " \t\r\n\\") != "" {
		content = " " + m.hide(strings.TrimSpace(content)) + " "
	}
	return before + "-----BEGIN " + kind + "-----" + content + "-----END " + m.keys(behind)
}

// hashes begin what servers keep of a password, alone or after user and colon.
var hashes = []string{"$apr1$", "$2a$", "$2b$", "$2y$", "$5$", "$6$", "$argon2", "{SHA}"}

// hashed reports whether a text of one line is such a hash.
func hashed(all string) bool {
	if strings.Contains(all, "\n") {
		return false
	}
	_, hash, found := strings.Cut(all, ":")
	if !found {
		hash = all
	}
	hash = strings.ReplaceAll(hash, "$$", "$")
	return slices.ContainsFunc(hashes, func(begin string) bool { return strings.HasPrefix(hash, begin) })
}

// posts reports whether a text is the address of a webhook, which whoever knows
// it may post to.
func posts(all string) bool {
	return strings.HasPrefix(all, "https://") && (strings.Contains(all, "://hooks.") || strings.Contains(all, "/webhook") || strings.Contains(all, "://hc-ping.com/")) && !strings.ContainsAny(all, " \n")
}

// logins notes the passwords in the URLs of a text.
func (m *masker) logins(all string) {
	for {
		_, after, found := strings.Cut(all, "://")
		if !found {
			return
		}
		login := after[:loginIn(after)]
		if _, password, has := strings.Cut(login, ":"); has {
			m.hide(password)
		} else if login != "" {
			m.hide(login)
		}
		all = after
	}
}
