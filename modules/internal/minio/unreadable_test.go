// SPDX-License-Identifier: AGPL-3.0-or-later

package minio

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/secret"
)

func TestCheckDocument(t *testing.T) {
	const refusal = "must not have a statement with NotAction alone, which MinIO takes and cannot give back: list the actions under Action"
	statement := func(fields map[string]any) map[string]any { return map[string]any{"Statement": []any{fields}} }
	for name, test := range map[string]struct {
		reason   string
		document map[string]any
		told     string
	}{
		"actions":     {"as it should be", statement(map[string]any{"Effect": "Allow", "Action": "s3:*"}), ""},
		"all but":     {"MinIO could not return it", statement(map[string]any{"Effect": "Allow", "NotAction": []any{"s3:DeleteObject"}}), refusal},
		"in any case": {"servers ignore the case of names", map[string]any{"statement": map[string]any{"notaction": "s3:*"}}, refusal},
		"both":        {"it has actions, too", statement(map[string]any{"Action": "s3:*", "NotAction": "s3:DeleteObject"}), ""},
		"everybody": {"a bucket's policy has it", statement(map[string]any{"Action": "s3:*", "Principal": "*"}),
			"must not have a statement with Principal, which MinIO drops: the policy is for the users that it is attached to"},
		"all but one": {"it would allow that one too", statement(map[string]any{"Action": "s3:*", "notprincipal": map[string]any{"AWS": "a"}}),
			"must not have a statement with NotPrincipal, which MinIO drops: the policy is for the users that it is attached to"},
		"a misspelt name": {"the condition would not count", statement(map[string]any{"Action": "s3:*", "Conditions": map[string]any{}}),
			"must not have \"Conditions\" in a statement, which MinIO drops: a statement has Sid, Effect, Action, NotAction, Resource, NotResource and Condition"},
		"no statements": {"the server reports the error", map[string]any{"Statement": "x"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			err := CheckDocument(test.document)
			if test.told == "" {
				require.NoError(t, err, test.reason)
				return
			}
			require.EqualError(t, err, test.told, test.reason)
		})
	}
}

// Such a policy can be replaced and removed, though nobody can read it.
func TestPolicyThatTheServerCannotReturn(t *testing.T) {
	store := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write([]byte(`{"Code":"InternalError","Message":"We encountered an internal error, please try again. (json: error calling MarshalJSON for type policy.ActionSet: empty actions not allowed)"}`))
	}))
	t.Cleanup(store.Close)
	server, err := Open(Access{Endpoint: store.URL, AccessKey: "admin", SecretKey: secret.NewText("admin-secret")})
	require.NoError(t, err)
	document, err := server.Policy(t.Context(), "tempo")
	require.NoError(t, err)
	require.NotNil(t, document, "it exists")
	require.Empty(t, document)
	require.False(t, document.Means(TempoPolicy("tempo")), "and differs from what is wanted")
}
