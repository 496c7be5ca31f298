// SPDX-License-Identifier: AGPL-3.0-or-later

package grafana

import (
	"fmt"
	"os"
	"regexp"
	"strings"
)

// expander matches ${NAME}, $__env{NAME} and $__file{PATH}
// (pkg/setting/expanders.go).
var expander = regexp.MustCompile(`\$(|__\w+)\{([^}]+)\}`)

// interpolated expands a string of a provisioning file as Grafana does: $$ is
// a dollar, every other dollar starts an environment variable, and a
// variable that does not exist is empty (pkg/services/provisioning/values).
func interpolated(text string) (string, error) {
	parts := strings.Split(text, "$$")
	for i, part := range parts {
		expanded, err := expand(part)
		if err != nil {
			return "", fmt.Errorf("failed to interpolate value %q: %w", text, err)
		}
		parts[i] = os.ExpandEnv(expanded)
	}
	return strings.Join(parts, "$"), nil
}

func expand(text string) (string, error) {
	var failed error
	expanded := expander.ReplaceAllStringFunc(text, func(match string) string {
		groups := expander.FindStringSubmatch(match)
		switch kind, name := groups[1], groups[2]; kind {
		case "", "__env":
			return os.Getenv(name)
		case "__file":
			content, err := os.ReadFile(name)
			if err != nil {
				failed = err
			}
			return strings.TrimSpace(string(content))
		}
		return match
	})
	return expanded, failed
}

// interpolatedValue walks maps and lists; values other than strings stay.
func interpolatedValue(value any) (any, error) {
	switch v := value.(type) {
	case string:
		return interpolated(v)
	case map[string]any:
		walked := make(map[string]any, len(v))
		for key, item := range v {
			next, err := interpolatedValue(item)
			if err != nil {
				return nil, err
			}
			walked[key] = next
		}
		return walked, nil
	case []any:
		walked := make([]any, len(v))
		for i, item := range v {
			next, err := interpolatedValue(item)
			if err != nil {
				return nil, err
			}
			walked[i] = next
		}
		return walked, nil
	}
	return value, nil
}
