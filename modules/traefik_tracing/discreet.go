// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik

import (
	"regexp"
	"strings"

	"github.com/picluster/tracing/modules/internal/secret"
)

// header is a flag or a path of values that sets a header of a back end, by
// custom its key.
var header = regexp.MustCompile(`(?i)\.otlp\.(?:http|grpc)\.headers\.`)

// mode is where the access log says for the name of a header whether it is kept,
// dropped or redacted, and nothing of what is in it.
var mode = regexp.MustCompile(`(?i)\.fields\.(?:headers\.)?names\.`)

// confidential reports whether what stands under a dotted name is not shown.
func confidential(name string) bool {
	last := name[strings.LastIndex(name, ".")+1:]
	return header.MatchString(name) || secret.Sensitive(last) && !mode.MatchString(name)
}

// discreet is an argument of Traefik's as it may be shown.
func discreet(argument string) string {
	name, value, given := strings.Cut(argument, "=")
	switch {
	case !given:
		return argument
	case confidential(name):
		return name + "=" + secret.Hidden
	}
	return name + "=" + withoutLogin(value)
}

// login is what stands before the host in a URL.
var login = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9+.-]*://)[^/?#@]*@`)

// withoutLogin hides user and password of a URL: either may be the key.
func withoutLogin(value string) string {
	return login.ReplaceAllString(value, "${1}"+secret.Hidden+"@")
}

// presentable is the value at a dotted name as a diff may show it: an argument, a
// variable, or a tree of values.
func presentable(name string, value any) any {
	switch v := value.(type) {
	case string:
		return presentableText(name, v)
	case map[string]any:
		clean := make(map[string]any, len(v))
		for key, item := range v {
			clean[key] = presentable(name+"."+key, item)
		}
		return clean
	case []any:
		clean := make([]any, len(v))
		for i, item := range v {
			clean[i] = presentable(name, item)
		}
		return clean
	}
	if value != nil && confidential(name) {
		return secret.Hidden
	}
	return value
}

func presentableText(name, text string) string {
	switch {
	case strings.HasPrefix(text, "-"):
		return discreet(text)
	case text != "" && confidential(name):
		return secret.Hidden
	}
	return withoutLogin(text)
}
