// SPDX-License-Identifier: AGPL-3.0-or-later

package option

import (
	"encoding/base64"
	"path/filepath"
	"slices"
	"strings"
)

// longestPath and longestName are the limits of Linux in bytes (limits.h,
// PATH_MAX and NAME_MAX).
const longestPath, longestName = 4096, 255

// IsPath reports whether a text can be the path of a file, not the content of
// one: PEM text, YAML, JSON, or the base64 text of these.
func IsPath(text string) bool {
	switch {
	case strings.ContainsAny(text, "\n\r\t\x00") || strings.Contains(text, "-----BEGIN") || len(text) > longestPath:
		return false
	case strings.HasPrefix(text, "{") || strings.HasPrefix(text, "["):
		return false
	case rooted(text):
		return !slices.ContainsFunc(strings.Split(text, "/"), func(name string) bool { return len(name) > longestName })
	}
	return !strings.Contains(text, ": ") && !strings.HasSuffix(text, ":") && Decoded(text) == "" && len(text) <= longestName
}

// Decoded is the content of a file that was given as base64, "" for any other
// text.
func Decoded(text string) string {
	plain, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
	if err != nil || !strings.Contains(string(plain), "-----BEGIN") && !strings.Contains(string(plain), "apiVersion") {
		return ""
	}
	return string(plain)
}

// rooted reports whether a text begins like a path: with the root, the home, a
// relative folder or a variable.
func rooted(text string) bool {
	if rest, variable := strings.CutPrefix(text, "$"); variable {
		return rest != "" && (rest[0] == '{' || rest[0] >= 'A' && rest[0] <= 'Z') && strings.Contains(rest, "/")
	}
	return slices.ContainsFunc([]string{"/", "~", "./", "../"}, func(begin string) bool { return strings.HasPrefix(text, begin) })
}

// endings are the extensions of certificates, keys and kubeconfigs.
var endings = []string{".pem", ".crt", ".cer", ".cert", ".key", ".yaml", ".yml", ".conf", ".config", ".json", ".kubeconfig"}

// Shown is a path as an error may quote it. A text that is not clearly a path is
// not shown, since somebody may have given the secret itself.
func Shown(path string) string {
	if path == "" || surelyPath(path) {
		return path
	}
	return "(a name that is not shown, since it may be the secret itself)"
}

func surelyPath(text string) bool {
	if !IsPath(text) {
		return false
	}
	return rooted(text) || text == "config" || text == "kubeconfig" || len(text) < 100 && slices.Contains(endings, filepath.Ext(text))
}
