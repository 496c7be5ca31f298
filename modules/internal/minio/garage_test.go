// SPDX-License-Identifier: AGPL-3.0-or-later

package minio

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/secret"
)

// What Garage 2.5.0 answered, measured.
const (
	noPolicies  = "Unimplemented action: GetBucketPolicy"
	noBucket    = "Bucket not found: tempo"
	noKey       = "Forbidden: No such key: GK000000000000000000000000"
	wrongSecret = "Forbidden: Invalid signature"
	expiredKey  = "Forbidden: Access key GK49cae6151bae15642f10ca6c has expired"
	notAllowed  = "Forbidden: Operation is not allowed for this key."
	mayNotMake  = "Forbidden: Access key GKc628c1e8806786ca6513fbac is not allowed to create buckets"
)

// refuse answers as Garage does.
func refuse(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, `<?xml version="1.0" encoding="UTF-8"?><Error><Code>%s</Code><Message>%s</Message><Resource>/tempo/</Resource><Region>garage</Region></Error>`, code, message)
}

// garage is a client of a double of Garage: there is a bucket tempo or not, objects
// are listed as Tempo's key finds them, and nothing else is implemented.
func garage(t *testing.T, exists bool, list func(http.ResponseWriter)) *Server {
	t.Helper()
	store := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		query := r.URL.Query()
		switch {
		case !strings.Contains(r.Header.Get("Authorization"), "/garage/s3/"):
			refuse(w, 400, "AuthorizationHeaderMalformed", "Authorization header malformed, unexpected scope")
		case r.Method == http.MethodPut && !query.Has("policy"): // object lock is ignored
			w.Header().Set("Location", "/tempo")
			w.Header().Set("ETag", `"8d8e353b98d5191d5ceea1aa3eb05d43"`) // of an object
		case !exists:
			refuse(w, 404, "NoSuchBucket", noBucket)
		case r.Method == http.MethodHead:
		case query.Has("list-type"):
			list(w)
		case query.Has("lifecycle"): // that of Garage 1
			w.WriteHeader(http.StatusNoContent)
		default:
			refuse(w, 501, "NotImplemented", noPolicies)
		}
	}))
	t.Cleanup(store.Close)
	server, err := Open(Access{Endpoint: store.URL, AccessKey: "admin", SecretKey: secret.NewText("admin-secret")})
	require.NoError(t, err)
	return server
}

// denying refuses every list with the one code of Garage.
func denying(message string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) { refuse(w, 403, "AccessDenied", message) }
}

func empty200(w http.ResponseWriter) {
	_, _ = w.Write([]byte(`<?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>tempo</Name><Prefix></Prefix><MaxKeys>1</MaxKeys><IsTruncated>false</IsTruncated></ListBucketResult>`))
}

// Its buckets have no policies, and one that it does not have is still told from
// one that it has.
func TestBucketsWithoutPolicies(t *testing.T) {
	t.Parallel()
	for _, exists := range []bool{true, false} {
		server := garage(t, exists, empty200)
		policy, found, err := server.BucketPolicy(t.Context(), "tempo")
		require.NoError(t, err)
		require.Equal(t, exists, found)
		require.Nil(t, policy)
		require.Equal(t, "garage", server.Region(), "its region is taken")
		require.True(t, server.HidesBuckets())
		require.False(t, server.AbortsItself())
	}
	other := answering(t, 404, "application/xml", "<Error><Code>NoSuchBucket</Code><Message>The specified bucket does not exist</Message></Error>")
	_, found, err := other.BucketPolicy(t.Context(), "tempo")
	require.NoError(t, err)
	require.False(t, found)
	require.False(t, other.HidesBuckets(), "MinIO's words")
}

func TestSettingsThatAStoreLacks(t *testing.T) {
	t.Parallel()
	server := garage(t, true, empty200)
	_, _, err := server.BucketPolicy(t.Context(), "tempo") // which finds the region
	require.NoError(t, err)

	locked, err := server.ObjectLock(t.Context(), "tempo")
	require.NoError(t, err)
	require.False(t, locked, "no bucket of it is locked")
	rules, err := server.Lifecycle(t.Context(), "tempo")
	require.NoError(t, err)
	require.Zero(t, rules)
	_, err = server.Tags(t.Context(), "tempo")
	require.Equal(t, fault.Unsupported, fault.KindOf(err))

	require.NoError(t, server.CreateBucket(t.Context(), "tempo", false))
	require.EqualError(t, server.CreateBucket(t.Context(), "tempo", true), "create bucket tempo: the store made it without object lock")
}

// Its one code for refusals is told apart by the message.
func TestKeysInGarage(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		reason      string
		list        func(http.ResponseWriter)
		works, sees bool
		fault       string
	}{
		"right":       {"nothing is there yet", empty200, true, true, ""},
		"no right":    {"the signature is checked before the permission", denying(notAllowed), true, true, ""},
		"no key":      {"it is none of Garage's", denying(noKey), false, false, ""},
		"wrong":       {"MinIO's word is SignatureDoesNotMatch", denying(wrongSecret), false, false, ""},
		"expired":     {"the key is right", denying(expiredKey), false, false, "try the secret key of user tempo: " + expiredKey + " (AccessDenied)"},
		"no bucket":   {"it is another key's", func(w http.ResponseWriter) { refuse(w, 404, "NoSuchBucket", noBucket) }, true, false, ""},
		"other words": {"a refusal that is not Garage's means what it does in S3", denying("Access Denied."), true, true, ""},
	} {
		t.Run(name, func(t *testing.T) {
			server := garage(t, true, test.list)
			server.access.Region = "garage"
			works, sees, err := server.KeyWorks(t.Context(), "tempo", secret.NewText("tempo-secret"), "tempo")
			require.Equal(t, []bool{test.works, test.sees}, []bool{works, sees}, test.reason)
			if test.fault == "" {
				require.NoError(t, err)
				return
			}
			require.EqualError(t, err, test.fault)
			require.NotEmpty(t, fault.HintOf(err))
		})
	}
}

func TestHintsForGarage(t *testing.T) {
	for name, test := range map[string]struct{ message, hint string }{
		"no key":    {noKey, "the store does not know this access key: check access_key"},
		"wrong":     {wrongSecret, "the secret key is wrong for this access key: check secret_key"},
		"expired":   {expiredKey, "give the key more time on the store (garage key set --expires-in), or use another"},
		"no right":  {notAllowed, "on the store: garage bucket allow --read --write --owner BUCKET --key KEY"},
		"no create": {mayNotMake, "on the store: garage bucket create BUCKET and garage bucket allow --read --write --owner BUCKET --key KEY"},
		"MinIO":     {"Access Denied.", "this login lacks the permission: use MinIO's root user, or an administrator with the policy consoleAdmin"},
	} {
		t.Run(name, func(t *testing.T) {
			server := garage(t, true, denying(test.message))
			server.access.Region = "garage"
			require.NoError(t, server.connect())
			_, err := server.CountObjects(t.Context(), "tempo", 1)
			require.EqualError(t, err, "count the objects of bucket tempo: "+test.message+" (AccessDenied)")
			require.Equal(t, test.hint, fault.HintOf(err))
			require.Equal(t, fault.Denied, fault.KindOf(err))
		})
	}
}

func TestProofInGarage(t *testing.T) {
	t.Parallel()
	server := garage(t, true, denying(notAllowed))
	server.access.Region = "garage"
	require.NoError(t, server.connect())
	client, err := server.as("tempo", secret.NewText("tempo-secret"))
	require.NoError(t, err)
	only := prober{client, "tempo", "trial"}
	require.NoError(t, only.put(t.Context()), "the double takes it")
	err = denied("try it", []string{"list objects"}, []string{"s3:ListBucket"}, only.list(t.Context()))
	require.EqualError(t, err, "try it: it may not list objects: s3:ListBucket is missing")
	require.Equal(t, "on the store: garage bucket allow --read --write --owner BUCKET --key KEY", fault.HintOf(err))
}

// Who only looks at the blocks finds the region, too.
func TestRegionOfWhoLists(t *testing.T) {
	t.Parallel()
	for name, list := range map[string]func(context.Context, *Server) error{
		"edges": func(ctx context.Context, s *Server) error { _, _, _, err := s.EdgeBlocks(ctx, "tempo", ""); return err },
		"usage": func(ctx context.Context, s *Server) error { _, err := s.Usage(ctx, "tempo", ""); return err },
	} {
		t.Run(name, func(t *testing.T) {
			require.NoError(t, list(t.Context(), garage(t, true, empty200)))
			wrong := garage(t, true, empty200)
			wrong.access.Region = "eu-west-1"
			require.NoError(t, wrong.connect())
			err := list(t.Context(), wrong)
			require.ErrorContains(t, err, "(AuthorizationHeaderMalformed)", "one that was asked for is kept")
			require.Contains(t, fault.HintOf(err), "give the same in region")
		})
	}
}
