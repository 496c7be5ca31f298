// SPDX-License-Identifier: AGPL-3.0-or-later

package datasource

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/picluster/tracing/modules/internal/grafana"
	"github.com/picluster/tracing/modules/internal/secret"
)

// Grafana keeps a header as a pair of numbered keys, the name in jsonData and
// the value among the secrets, and stops at the first number that is missing
// (pkg/services/datasources/service/datasource.go, getCustomHeaders).
const (
	headerName  = "httpHeaderName"
	headerValue = "httpHeaderValue"
)

// headerNames are the keys of jsonData for the wanted headers. A name that has
// a number keeps it; new ones get the next numbers in the order of the alphabet,
// so that the same task always makes the same numbers.
func (w *Wish) headerNames(have *grafana.Source) map[string]any {
	numbers := map[string]int{}
	if have != nil && !w.Replace {
		numbers = numbered(have.JSONData)
	}
	next := 1
	for _, number := range numbers {
		next = max(next, number+1)
	}
	keys := map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(w.Headers)) {
		number, known := numbers[strings.ToLower(name)]
		if !known {
			number, next = next, next+1
		}
		keys[headerName+strconv.Itoa(number)] = name
	}
	return keys
}

// numbered maps the header names that are there, in small letters, to their
// numbers.
func numbered(jsonData map[string]any) map[string]int {
	numbers := map[string]int{}
	for key, value := range jsonData {
		digits, isHeader := strings.CutPrefix(key, headerName)
		number, err := strconv.Atoi(digits)
		if isHeader && err == nil {
			numbers[strings.ToLower(text(value))] = number
		}
	}
	return numbers
}

// allSecrets are the given secrets and the values of the headers, under the
// numbers that made has.
func (w *Wish) allSecrets(made *grafana.Source) map[string]secret.Text {
	all := maps.Clone(w.Secrets)
	if all == nil {
		all = map[string]secret.Text{}
	}
	numbers := numbered(made.JSONData)
	for name, value := range w.Headers {
		all[headerValue+strconv.Itoa(numbers[strings.ToLower(name)])] = value
	}
	return all
}
