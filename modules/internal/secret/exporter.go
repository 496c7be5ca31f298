// SPDX-License-Identifier: AGPL-3.0-or-later

package secret

import "strings"

// exporters are where Traefik's values and flags have the headers with which it
// exports spans or log lines. Any of them may be the key of a back end
// (traefik/traefik, pkg/observability/types/otel.go, OTelHTTP and OTelGRPC).
var exporters = []string{".otlp.http.headers.", ".otlp.grpc.headers."}

// gradeOf is the grade of a key at a path, which ends with the key and a dot. What
// may as well be a tenant or a user is hidden where it stands and not everywhere.
func (m *masker) gradeOf(key, path string) grade {
	switch {
	case m.collects:
	case exports(path):
		return deep
	case strings.HasSuffix(strings.ToLower(path), "auth.users."): // names and passwords, or their hashes
		return several
	}
	return gradeOf(key)
}

// exports reports whether a path is that of such a header.
func exports(path string) bool {
	path = "." + strings.ToLower(path)
	for _, headers := range exporters {
		if _, header, found := strings.Cut(path, headers); found && header != "" {
			return true
		}
	}
	return false
}
