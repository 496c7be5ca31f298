// SPDX-License-Identifier: AGPL-3.0-or-later

package minio

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/secret"
)

func TestAddressesThatAreNotAStore(t *testing.T) {
	const (
		port  = "is it the port of the S3 API? MinIO's console, a web page, has a port of its own"
		route = port + ", and a proxy or an ingress needs a route to the store for this host name"
		xml   = `<?xml version="1.0" encoding="UTF-8"?>`
	)
	login := http.Header{"Location": {"https://sso.example.net/login?token=hunter2"}}
	for name, test := range map[string]struct {
		reason      string
		code        int
		header      http.Header
		body        string
		fault, hint string
	}{
		"ingress without a route": {"Traefik's message", 404, nil, "404 page not found\n", "it answers 404 Not Found, but not as an S3 store does", route},
		"console":                 {"it answers in S3's format", 403, nil, xml + "<Error><Code>AccessDenied</Code><Message>S3 API Requests must be made to API port.</Message></Error>", "it is MinIO's console", route},
		"login page":              {"single sign-on in front of everything", 302, login, "", "it answers 302 Found and redirects to sso.example.net", route},
		"another path":            {"a sub-path of its own", 307, http.Header{"Location": {"/ui/"}}, "", "it answers 307 Temporary Redirect and redirects to another page", route},
		"password":                {"a proxy asks for a login", 401, nil, "<html>401 Authorization Required</html>", "it answers 401 Unauthorized, but not as an S3 store does", route},
		"forbidden":               {"a web application firewall", 403, nil, "<!doctype html>", "it answers 403 Forbidden, but not as an S3 store does", route},
		"other API":               {"Kubernetes", 403, nil, `{"kind":"Status","apiVersion":"v1"}`, "it answers 403 Forbidden, but not as an S3 store does", route},
		"no message":              {"404 without a body", 404, nil, "", "it answers 404 Not Found, but not as an S3 store does", route},
		"nothing at all":          {"an empty page is not a bucket without a policy", 200, nil, "", "it answers 200 OK and nothing else", route},
		"no method":               {"a file server", 405, nil, "Method Not Allowed", "it answers 405 Method Not Allowed, but not as an S3 store does", route},
		"TLS":                     {"Go's message", 400, nil, "Client sent an HTTP request to an HTTPS server.\n", "it speaks HTTPS", "use https:// (or secure: true)"},
		"TLS of nginx":            {"nginx's message", 400, nil, "<html><title>400 The plain HTTP request was sent to HTTPS port</title></html>", "it speaks HTTPS", "use https:// (or secure: true)"},
	} {
		t.Run(name, func(t *testing.T) {
			address := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				for name, values := range test.header {
					w.Header()[name] = values
				}
				w.WriteHeader(test.code)
				_, _ = w.Write([]byte(test.body))
			}))
			t.Cleanup(address.Close)
			server, err := Open(Access{Endpoint: address.URL, AccessKey: "admin", SecretKey: secret.NewText("admin-secret")})
			require.NoError(t, err)
			_, _, err = server.BucketPolicy(t.Context(), "tempo")
			require.EqualError(t, err, "read bucket tempo: there is no S3 store at "+address.URL+": "+test.fault, test.reason)
			require.Equal(t, test.hint, fault.HintOf(err), test.reason)
			require.Equal(t, fault.Unreachable, fault.KindOf(err), test.reason)
		})
	}
}

func TestOtherJSONAPI(t *testing.T) {
	_, _, err := answering(t, 200, "application/json", `{"status":"ok"}`).BucketPolicy(t.Context(), "tempo")
	require.EqualError(t, err, "read bucket tempo: the answer is not that of an S3 store", "every object of JSON would pass for a policy")
}

func TestRefusalsOfStores(t *testing.T) {
	for name, test := range map[string]struct {
		reason string
		code   int
		header http.Header
		body   string
		found  bool
		fault  string
	}{
		"no bucket":        {"the usual answer", 404, nil, `<Error><Code>NoSuchBucket</Code><Message>No.</Message></Error>`, false, ""},
		"no bucket, short": {"the header shows that it is a store", 404, http.Header{"X-Amz-Request-Id": {"tx1"}}, "", false, ""},
		"no policy":        {"with a blank before", 404, nil, "\n" + `<?xml version="1.0"?> <Error><Code>NoSuchBucketPolicy</Code></Error>`, true, ""},
		"denied":           {"the store's own message", 403, nil, `<Error><Code>AccessDenied</Code><Message>Access Denied.</Message></Error>`, false, "read bucket tempo: Access Denied. (AccessDenied)"},
	} {
		t.Run(name, func(t *testing.T) {
			store := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				for name, values := range test.header {
					w.Header()[name] = values
				}
				w.WriteHeader(test.code)
				_, _ = w.Write([]byte(test.body))
			}))
			t.Cleanup(store.Close)
			server, err := Open(Access{Endpoint: store.URL, AccessKey: "admin", SecretKey: secret.NewText("admin-secret")})
			require.NoError(t, err)
			_, found, err := server.BucketPolicy(t.Context(), "tempo")
			if test.fault != "" {
				require.EqualError(t, err, test.fault, test.reason)
				return
			}
			require.NoError(t, err, test.reason)
			require.Equal(t, test.found, found, test.reason)
		})
	}
}

func TestMinIOIsRecognisedBehindAProxy(t *testing.T) {
	const node, request = "edbf379394d2b778d14b566efd163085de223da89530c411c005c99f80f871bb", "18EBA3CAA5068CB2"
	for name, test := range map[string]struct {
		reason        string
		server        []string
		node, request string
		want          bool
	}{
		"itself":         {"its name", []string{"MinIO"}, "", "", true},
		"of before 2020": {"its name with the release", []string{"Minio/RELEASE.2019-10-12T01-39-57Z"}, "", "", true},
		"beside":         {"the proxy adds its name", []string{"Caddy", "MinIO"}, "", "", true},
		"nginx":          {"the proxy replaces the name", []string{"nginx"}, node, request, true},
		"no name":        {"RustFS sends none", nil, node, request, false},
		"AWS":            {"other headers", []string{"AmazonS3"}, "Uuag1LuByRx9e6j5Onimru9pO4ZVKnJ2Qz7/C1NPcfTWAtRPfTaOFg==", "656c76696e6727732072657175657374", false},
		"Ceph":           {"other headers", []string{"nginx"}, "", "tx00000e1c7a0d8f7c6a8e5-00650a1c3f-1a2b-default", false},
		"proxy alone":    {"no answer came from the store yet", []string{"nginx"}, "", "", false},
	} {
		t.Run(name, func(t *testing.T) {
			header := http.Header{"Server": test.server, "X-Amz-Id-2": {test.node}, "X-Amz-Request-Id": {test.request}}
			require.Equal(t, test.want, ofMinIO(header), test.reason)
		})
	}
}
