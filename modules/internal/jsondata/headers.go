// SPDX-License-Identifier: AGPL-3.0-or-later

package jsondata

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Grafana keeps a header as a pair of numbered keys, the name in jsonData and
// the value among the secrets, and stops at the first number that is missing
// (pkg/services/datasources/service/datasource.go, getCustomHeaders).
const (
	headerName  = "httpHeaderName"
	headerValue = "httpHeaderValue"
)

// HeaderNames are the keys of jsonData for the wanted headers. A name keeps the
// numbers that it has in have, of which there may be several; new ones get the
// first free numbers in the order of the alphabet, so that the same task always
// makes the same numbers.
func HeaderNames[V any](headers map[string]V, have map[string]any) map[string]any {
	numbers := numbered(have)
	keys, next := map[string]any{}, free(numbers)
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		own := numbers[strings.ToLower(name)]
		if own == nil {
			own = []int{next()}
		}
		for _, number := range own {
			keys[headerName+strconv.Itoa(number)] = name
		}
	}
	return keys
}

// free gives the numbers from 1 on that no header has.
func free(numbers map[string][]int) func() int {
	taken, last := map[int]bool{}, 0
	for _, own := range numbers {
		for _, number := range own {
			taken[number] = true
		}
	}
	return func() int {
		for last++; taken[last]; last++ {
		}
		return last
	}
}

// numbered maps the existing header names, in small letters, to their numbers.
func numbered(jsonData map[string]any) map[string][]int {
	numbers := map[string][]int{}
	for key, value := range jsonData {
		digits, isHeader := strings.CutPrefix(key, headerName)
		number, err := strconv.Atoi(digits)
		if isHeader && err == nil {
			name := strings.ToLower(Text(value))
			numbers[name] = append(numbers[name], number)
		}
	}
	return numbers
}

// HeaderValues are the secrets with the values of the headers, under the numbers
// that they have in jsonData.
func HeaderValues[V any](headers map[string]V, jsonData map[string]any) map[string]V {
	values, numbers := map[string]V{}, numbered(jsonData)
	for name, value := range headers {
		for _, number := range numbers[strings.ToLower(name)] {
			values[headerValue+strconv.Itoa(number)] = value
		}
	}
	return values
}
