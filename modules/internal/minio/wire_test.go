// SPDX-License-Identifier: AGPL-3.0-or-later

package minio

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/secret"
)

// answering is a client of a server that gives every request the same answer.
// It stands in for stores that cannot be had here; what they say is taken from
// their documentation.
func answering(t *testing.T, code int, kind, body string) *Server {
	t.Helper()
	store := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		w.WriteHeader(code)
		_, _ = w.Write([]byte(body))
	}))
	t.Cleanup(store.Close)
	server, err := Open(Access{Endpoint: store.URL, AccessKey: "admin", SecretKey: secret.NewText("admin-secret")})
	require.NoError(t, err)
	return server
}

func TestStoresWithoutAdminAPI(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		reason string
		code   int
		kind   string
		body   string
		absent bool
	}{
		"AWS":          {"it takes the path for a bucket", 403, "application/xml", "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>", true},
		"bucket minio": {"there is no such bucket", 404, "application/xml", "<Error><Code>NoSuchBucket</Code><Message>no</Message></Error>", true},
		"proxy":        {"only S3 requests pass", 404, "text/html", "<html>not found</html", true},
		"web page":     {"a console answers everything with a page", 200, "text/html", "<!doctype html>", true},
		"limited":      {"a proxy that says so of anybody's request", 429, "text/plain", "slow down", false},
		"too slow":     {"a proxy waited for the request in vain", 408, "text/plain", "timeout", false},
		"MinIO denies": {"the API exists, the permission is missing", 403, "application/json", `{"Code":"AccessDenied","Message":"Access Denied."}`, false},
		"wrong key":    {"the API exists, the login is wrong", 403, "application/json", `{"Code":"SignatureDoesNotMatch","Message":"no"}`, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			long := time.Minute
			if test.code == http.StatusTooManyRequests || test.code == http.StatusRequestTimeout {
				long = time.Second // it is asked for again until then
			}
			ctx, cancel := context.WithTimeout(t.Context(), long)
			defer cancel()
			_, err := answering(t, test.code, test.kind, test.body).User(Patient(ctx), "tempo")
			if test.absent {
				require.ErrorIs(t, err, ErrNoAdmin, test.reason)
				return
			}
			require.Error(t, err)
			require.NotErrorIs(t, err, ErrNoAdmin, test.reason)
			if test.code == http.StatusForbidden {
				require.Equal(t, fault.Denied, fault.KindOf(err), test.reason)
			}
		})
	}
}

// MinIO has its admin API always: a page in its place is a proxy's, such as a
// login. A proxy that refuses the path lets the store be used without it.
func TestAPageBeforeMinIO(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		reason string
		code   int
		absent bool
	}{
		"login":   {"users may well be there", http.StatusOK, false},
		"refusal": {"only S3 requests pass", http.StatusForbidden, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if strings.HasPrefix(r.URL.Path, "/minio/admin/") {
					w.Header().Set("Content-Type", "text/html")
					w.WriteHeader(test.code)
					_, _ = w.Write([]byte("<!doctype html><form>Log in</form>"))
					return
				}
				w.Header().Set("Server", "MinIO")
				w.WriteHeader(http.StatusNotFound)
				_, _ = w.Write([]byte("<Error><Code>NoSuchBucketPolicy</Code></Error>"))
			}))
			t.Cleanup(store.Close)
			server, err := Open(Access{Endpoint: store.URL, AccessKey: "admin", SecretKey: secret.NewText("admin-secret")})
			require.NoError(t, err)
			_, _, err = server.BucketPolicy(t.Context(), "tempo")
			require.NoError(t, err)
			_, err = server.User(t.Context(), "tempo")
			if test.absent {
				require.ErrorIs(t, err, ErrNoAdmin, test.reason)
				return
			}
			require.EqualError(t, err, "read user tempo: the answer is not the store's", test.reason)
			require.NotErrorIs(t, err, ErrNoAdmin, test.reason)
		})
	}
}

// RustFS answers admin calls in the XML of S3, and has no code of its own for
// what is not there (rustfs 20d1266, rustfs/src/admin/handlers/iam_error.rs).
func TestStoresThatAnswerInXML(t *testing.T) {
	t.Parallel()
	absent := answering(t, 404, "application/xml", "<Error><Code>NoSuchResource</Code><Message>user 'tempo' does not exist</Message></Error>")
	user, err := absent.User(t.Context(), "tempo")
	require.NoError(t, err, "a missing user is not an error")
	require.Nil(t, user)
	policy, err := absent.Policy(t.Context(), "tempo")
	require.NoError(t, err)
	require.Nil(t, policy)
	require.NoError(t, absent.RemoveUser(t.Context(), "tempo"))
	require.NoError(t, absent.RemovePolicy(t.Context(), "tempo"))

	broken := answering(t, 500, "application/xml", "<Error><Code>InternalError</Code><Message>disk on fire</Message></Error>")
	_, err = broken.User(t.Context(), "tempo")
	require.EqualError(t, err, "read user tempo: disk on fire (InternalError)", "the list of users is not available either")
	require.NotErrorIs(t, err, ErrNoAdmin, "a failure does not prove that the API is missing")
}

func TestPolicyNestedInItsAnswer(t *testing.T) {
	document := `{"ID":"","Version":"2012-10-17","Statement":[{"Sid":"","Effect":"Allow","Action":["s3:ListBucket"],"NotAction":[],"Resource":["arn:aws:s3:::b"],"NotResource":[],"Condition":{}}]}`
	for name, body := range map[string]string{
		"MinIO":  document,
		"RustFS": `{"policy_name":"tempo","policy":` + document + `,"create_date":null}`,
	} {
		t.Run(name, func(t *testing.T) {
			policy, err := answering(t, 200, "application/json", body).Policy(t.Context(), "tempo")
			require.NoError(t, err)
			require.True(t, policy.Means(parse(t, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::b"}]}`)), "%v", policy)
		})
	}
}

func TestReadingABucket(t *testing.T) {
	const moved = `<Error><Code>AuthorizationHeaderMalformed</Code><Message>wrong region</Message><Region>eu-central-1</Region></Error>`
	for name, test := range map[string]struct {
		reason string
		code   int
		body   string
		region string
		fault  string
	}{
		"web page":     {"the console's port", 200, "<html></html>", "", "read bucket tempo: the answer is not that of an S3 store"},
		"other region": {"a bucket cannot be moved", 400, moved, "eu-west-1", "read bucket tempo: the store has it in region eu-central-1, not eu-west-1"},
		"no login":     {"the server's message and code", 403, `<Error><Code>InvalidAccessKeyId</Code><Message>Unknown key.</Message></Error>`, "", "read bucket tempo: Unknown key. (InvalidAccessKeyId)"},
	} {
		t.Run(name, func(t *testing.T) {
			server := answering(t, test.code, "application/xml", test.body)
			server.access.Region = test.region
			_, _, err := server.BucketPolicy(t.Context(), "tempo")
			require.EqualError(t, err, test.fault, test.reason)
			require.NotEmpty(t, fault.HintOf(err), test.reason)
		})
	}
}

func TestServersRegionIsUsed(t *testing.T) {
	store := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.Contains(r.Header.Get("Authorization"), "/eu-central-1/s3/") {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = w.Write([]byte(`<Error><Code>AuthorizationHeaderMalformed</Code><Region>eu-central-1</Region></Error>`))
			return
		}
		w.WriteHeader(http.StatusNotFound)
		_, _ = w.Write([]byte(`<Error><Code>NoSuchBucketPolicy</Code></Error>`))
	}))
	t.Cleanup(store.Close)
	server, err := Open(Access{Endpoint: store.URL, AccessKey: "admin", SecretKey: secret.NewText("admin-secret")})
	require.NoError(t, err)
	policy, found, err := server.BucketPolicy(t.Context(), "tempo")
	require.NoError(t, err)
	require.True(t, found)
	require.Nil(t, policy)
	require.Equal(t, "eu-central-1", server.Region(), "no region was requested, so the server's is used")
}
