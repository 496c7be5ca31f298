// SPDX-License-Identifier: AGPL-3.0-or-later

package minio

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEndpoint(t *testing.T) {
	yes, no := true, false
	for name, test := range map[string]struct {
		reason   string
		endpoint string
		secure   *bool
		url      string
		fault    string
	}{
		"host and port":       {"the seed's minio_endpoint has no scheme and means TLS", "s3.example.com:9091", nil, "https://s3.example.com:9091", ""},
		"host alone":          {"the port is the scheme's", "s3.example.com", nil, "https://s3.example.com", ""},
		"plain":               {"without a scheme, secure decides", "10.0.0.11:9000", &no, "http://10.0.0.11:9000", ""},
		"https":               {"the scheme decides", "https://s3.example.com:9091", nil, "https://s3.example.com:9091", ""},
		"http":                {"the scheme decides", "http://127.0.0.1:9000", nil, "http://127.0.0.1:9000", ""},
		"upper case":          {"schemes are case-insensitive", "HTTP://127.0.0.1:9000", nil, "http://127.0.0.1:9000", ""},
		"slash":               {"users copy URLs with a trailing slash", "https://s3.example.com/", &yes, "https://s3.example.com", ""},
		"blanks":              {"users copy surrounding blanks", " s3.example.com:9000 ", nil, "https://s3.example.com:9000", ""},
		"IPv6":                {"an address in brackets is a host", "[::1]:9000", &no, "http://[::1]:9000", ""},
		"https but not":       {"contradictions give one clear error", "https://a:1", &no, "", "endpoint says https:// and secure says false"},
		"http but secure":     {"contradictions give one clear error", "http://a:1", &yes, "", "endpoint says http:// and secure says true"},
		"other scheme":        {"s3:// is a notation of the AWS client", "s3://bucket", nil, "", "endpoint must begin with http:// or https://, or have no scheme"},
		"path":                {"S3 clients sign the path", "https://a/minio", nil, "", "endpoint must end after host and port: S3 clients take no path"},
		"login":               {"a login in a URL would be printed", "https://root:pw@a", nil, "", "endpoint must not hold a login: use access_key and secret_key"},
		"no port after colon": {"a port must be a number", "a:x", nil, "", "endpoint must be host:port or a URL"},
		"port too large":      {"the largest port is 65535", "a:70000", nil, "", "endpoint must have a port between 1 and 65535"},
		"nothing":             {"an undefined variable yields an empty string", "", nil, "", "endpoint must be host:port or a URL"},
	} {
		t.Run(name, func(t *testing.T) {
			access := Access{Endpoint: test.endpoint, Secure: test.secure}
			_, _, err := access.address()
			if test.fault != "" {
				require.EqualError(t, err, test.fault, test.reason)
			} else {
				require.NoError(t, err, test.reason)
			}
			require.Equal(t, test.url, access.URL(), test.reason)
		})
	}
}
