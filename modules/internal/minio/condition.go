// SPDX-License-Identifier: AGPL-3.0-or-later

package minio

import (
	"encoding/json"
	"net"
	"strconv"
	"strings"
	"time"
)

// MinIO keeps the values of a condition in types of its own, and returns them
// in their spelling (minio/pkg, policy/condition: ipaddrfunc.go, numericfunc.go,
// datefunc.go, boolfunc.go, nullfunc.go). The functions below have the same
// spelling; what they cannot read stays as it is, for the server to refuse.

// normalConditions are the conditions of a statement, in which two documents
// that mean the same are equal.
func normalConditions(value any) any {
	operators, ok := value.(map[string]any)
	if !ok {
		return sorted(value)
	}
	normal := map[string]any{}
	for operator, keys := range operators {
		name := unqualified(operator)
		if fields, ok := keys.(map[string]any); ok && len(fields) > 0 {
			normal[name] = normalKeys(name, fields)
		}
	}
	return normal
}

func normalKeys(operator string, keys map[string]any) map[string]any {
	normal := make(map[string]any, len(keys))
	for key, values := range keys {
		spelled := []any{}
		for _, value := range list(values) {
			spelled = append(spelled, spelling(operator)(scalar(value)))
		}
		normal[key] = sorted(spelled)
	}
	return normal
}

// unqualified is an operator without ForAllValues: or ForAnyValue:, which MinIO
// knows and keeps for operators on strings alone.
func unqualified(operator string) string {
	_, name, qualified := strings.Cut(operator, ":")
	if !qualified || strings.HasPrefix(name, "String") || strings.HasPrefix(name, "Binary") {
		return operator
	}
	return name
}

// spelling is how values of an operator are spelled.
func spelling(operator string) func(string) string {
	switch {
	case operator == "IpAddress", operator == "NotIpAddress":
		return subnet
	case strings.HasPrefix(operator, "Numeric"):
		return number
	case strings.HasPrefix(operator, "Date"):
		return moment
	case operator == "Bool", operator == "Null":
		return truth
	}
	return func(text string) string { return text }
}

// subnet spells an address as the network of that address alone, and a network
// by its first address.
func subnet(text string) string {
	_, parsed, err := net.ParseCIDR(withPrefix(text))
	if err != nil {
		return text
	}
	return parsed.String()
}

// withPrefix adds the length that an address alone stands for. MinIO adds /32 to
// each, which lets far more of IPv6 in than was meant.
func withPrefix(text string) string {
	address := net.ParseIP(text)
	switch {
	case address == nil:
		return text
	case strings.Contains(text, ":"):
		return text + "/128"
	}
	return text + "/32"
}

func number(text string) string {
	n, err := strconv.Atoi(text)
	if err != nil {
		return text
	}
	return strconv.Itoa(n)
}

func moment(text string) string {
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return text
	}
	return at.UTC().Format(time.RFC3339)
}

func truth(text string) string {
	b, err := strconv.ParseBool(text)
	if err != nil {
		return text
	}
	return strconv.FormatBool(b)
}

// scalar is a value of a policy as text. A number has all its digits: ten million is
// not 1e+07.
func scalar(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case bool:
		return strconv.FormatBool(v)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case int64:
		return strconv.FormatInt(v, 10)
	case json.Number:
		return plainDigits(v)
	}
	return order(value)
}

// plainDigits writes a number without an exponent.
func plainDigits(digits json.Number) string {
	f, err := digits.Float64()
	if err != nil || !strings.ContainsAny(digits.String(), "eE") {
		return digits.String()
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}
