// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// observed is a flag that switches spans or log lines of one entry point
// (traefik/traefik, pkg/config/static/entrypoints.go, ObservabilityConfig).
var observed = regexp.MustCompile(`(?i)^--?entrypoints\.([^.=]+)\.observability\.(tracing|accesslogs)=(.*)$`)

// dark lists what Traefik's arguments leave without spans or without lines in the
// log of its pods.
func (t target) dark(args []string) []string {
	var all []string
	for i, arg := range args {
		match := observed.FindStringSubmatch(arg)
		if match == nil || !no(match[3]) || saidAgain(args[i+1:], arg) {
			continue
		}
		switch {
		case strings.EqualFold(match[2], "tracing"):
			all = append(all, fmt.Sprintf("entry point %s opens no spans (%s)", match[1], arg))
		case t.AccessLog:
			all = append(all, fmt.Sprintf("entry point %s writes no access log (%s)", match[1], arg))
		}
	}
	if t.AccessLog && elsewhere(effective(args)) {
		all = append(all, "the lines of the access log do not reach the log of Traefik's pods (--accesslog.otlp without --accesslog.dualOutput=true)")
	}
	return all
}

func no(value string) bool {
	truth, err := strconv.ParseBool(value)
	return err == nil && !truth
}

// saidAgain reports whether a flag stands once more further on, where it wins.
func saidAgain(args []string, arg string) bool {
	name, _, _ := strings.Cut(arg, "=")
	return slices.ContainsFunc(args, func(later string) bool {
		other, _, _ := strings.Cut(later, "=")
		return strings.EqualFold(strings.TrimLeft(other, "-"), strings.TrimLeft(name, "-"))
	})
}

// elsewhere reports whether the access log goes out by OTLP alone
// (traefik/traefik, pkg/middlewares/accesslog/logger.go, dualOutput since 3.7).
func elsewhere(flags map[string]string) bool {
	both, err := strconv.ParseBool(flags["accesslog.dualoutput"])
	if err == nil && both || no(flags["accesslog.otlp"]) {
		return false
	}
	for flag := range flags {
		if flag == "accesslog.otlp" || strings.HasPrefix(flag, "accesslog.otlp.") {
			return true
		}
	}
	return false
}
