// SPDX-License-Identifier: AGPL-3.0-or-later

package tempo_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/secret"
	"github.com/picluster/tracing/modules/internal/tempo"
)

// A long refusal is cut to a sentence; the cut must not halve a secret that it
// repeats, which would then be shown.
func TestARefusalThatRepeatsASecret(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, strings.Repeat("x", 290)+" S3CRET-CANARY-cut-here", http.StatusForbidden)
	}))
	defer server.Close()
	hide := &secret.Redactor{}
	hide.Add(secret.NewText("S3CRET-CANARY-cut-here"))
	_, err := tempo.Open(secret.WithRedactor(context.Background(), hide), tempo.Target{URL: server.URL, HTTP: server.Client()})
	require.ErrorContains(t, err, "403 Forbidden: xxx")
	require.NotContains(t, err.Error(), "S3CRET")
}
