// SPDX-License-Identifier: AGPL-3.0-or-later

package minio

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/fault"
)

// A success that MinIO did not encrypt is another program's.
func TestAnswersToAnAttachment(t *testing.T) {
	const foreign = "attach policies to user tempo: the answer is not MinIO's"
	cases := map[string]struct {
		reason     string
		code       int
		kind, body string
		want       string
	}{
		"a page":       {"a proxy asks for a login", 200, "text/html", "<!doctype html><html><body><form>Log in</form></body></html>", foreign},
		"short":        {"it is shorter than what encryption puts first", 200, "application/json", `["not", "what", "was", "asked"]`, foreign},
		"nothing":      {"an empty answer is no acknowledgement", 200, "application/json", "", foreign},
		"old":          {"servers before 2023-06 send no answer", 204, "", "", ""},
		"a refusal":    {"a code is MinIO's", 403, "application/json", `{"Code":"AccessDenied","Message":"Access Denied."}`, "attach policies to user tempo: Access Denied. (AccessDenied)"},
		"already done": {"an earlier attempt got through", 400, "application/json", `{"Code":"XMinioAdminPolicyChangeAlreadyApplied","Message":"no"}`, ""},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			err := answering(t, test.code, test.kind, test.body).SetPolicies(t.Context(), "tempo", nil, []string{"tempo"})
			if test.want == "" {
				require.NoError(t, err, test.reason)
				return
			}
			require.EqualError(t, err, test.want, test.reason)
			require.NotEmpty(t, fault.HintOf(err), test.reason)
		})
	}
}

// What the network says stays the network's.
func TestAttachmentWithoutAnAnswer(t *testing.T) {
	server := answering(t, http.StatusServiceUnavailable, "text/plain", "no backend")
	ctx, cancel := context.WithTimeout(t.Context(), time.Nanosecond)
	defer cancel()
	err := server.SetPolicies(ctx, "tempo", nil, []string{"tempo"})
	require.Error(t, err)
	require.Equal(t, fault.Timeout, fault.KindOf(err), "%v", err)
	require.NotContains(t, err.Error(), "not MinIO's")
}
