// SPDX-License-Identifier: AGPL-3.0-or-later

package tempochart

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
)

// What a toleration may hold (kubernetes pkg/apis/core/validation, ValidateTolerations).
// Lt and Gt are behind a feature gate of Kubernetes 1.35.
var (
	tolerationKeys      = []string{"key", "operator", "value", "effect", "tolerationSeconds"}
	tolerationOperators = []string{"", "Equal", "Exists", "Lt", "Gt"}
	taintEffects        = []string{"", "NoSchedule", "PreferNoSchedule", "NoExecute"}
)

// checkTolerations refuses what the API server would refuse in every pod, after the
// release was started.
func checkTolerations(value any) error {
	list, _ := value.([]any)
	for i, item := range list {
		fields, _ := item.(map[string]any)
		if err := checkToleration(i+1, fields); err != nil {
			return err
		}
	}
	return nil
}

func checkToleration(number int, fields map[string]any) error {
	text := map[string]string{}
	for _, key := range sortedKeys(fields) {
		if !slices.Contains(tolerationKeys, key) {
			return fmt.Errorf("has an unknown key %q in item %d: known are %s", key, number, strings.Join(tolerationKeys, ", "))
		}
		given, isText := fields[key].(string)
		if key != "tolerationSeconds" && !isText && fields[key] != nil {
			return fmt.Errorf("needs a string as %s of item %d: put it in quotes", key, number)
		}
		text[key] = given
	}
	return contradiction(number, text, fields["tolerationSeconds"])
}

// contradiction is why the parts of a toleration do not go together.
func contradiction(number int, text map[string]string, seconds any) error {
	switch {
	case !slices.Contains(tolerationOperators, text["operator"]):
		return fmt.Errorf("needs Equal or Exists as operator of item %d", number)
	case !slices.Contains(taintEffects, text["effect"]):
		return fmt.Errorf("needs NoSchedule, PreferNoSchedule or NoExecute as effect of item %d, or none for all of them", number)
	case text["key"] == "" && text["operator"] != "Exists":
		return fmt.Errorf("needs a key in item %d, or operator: Exists for every taint", number)
	case text["operator"] == "Exists" && text["value"] != "":
		return fmt.Errorf("has a value in item %d that has no effect with operator: Exists", number)
	case seconds != nil && !whole(seconds):
		return fmt.Errorf("needs a whole number as tolerationSeconds of item %d", number)
	case seconds != nil && text["effect"] != "NoExecute":
		return fmt.Errorf("has tolerationSeconds in item %d, which is for effect: NoExecute only", number)
	}
	return nil
}

func whole(value any) bool {
	switch number := value.(type) {
	case int, int64:
		return true
	case float64:
		return number == math.Trunc(number)
	case json.Number:
		_, err := number.Int64()
		return err == nil
	}
	return false
}
