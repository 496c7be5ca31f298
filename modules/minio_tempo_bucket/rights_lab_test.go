// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build lab

package bucket

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/minio/madmin-go/v3"
	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/rights"
	"github.com/picluster/tracing/modules/internal/testkit"
)

// The policy in docs/rights/minio.json is enough for a user other than root, and
// none of its actions is superfluous.
func TestAdministratorPolicyIsSufficient(t *testing.T) {
	l := newLab(t)
	name, key := testkit.Name("keeper"), testkit.Secret()
	require.NoError(t, l.admin.AddUser(t.Context(), name, key))
	t.Cleanup(func() {
		_ = l.admin.RemoveUser(context.Background(), name)
		_ = l.admin.RemoveCannedPolicy(context.Background(), name)
	})
	require.NoError(t, l.admin.AddCannedPolicy(t.Context(), name, []byte(rights.Policy(l.bucket))))
	_, err := l.admin.AttachPolicy(t.Context(), madmin.PolicyAssociationReq{Policies: []string{name}, User: name})
	require.NoError(t, err)
	keeper := map[string]any{"access_key": name, "secret_key": key}

	full := l.task(keeper).With(map[string]any{"versioning": "on", "tags": map[string]any{"a": "b"}, "expire_days": 9})
	testkit.FourRuns(t, full)
	rotated := testkit.Secret()
	testkit.FourRuns(t, full.With(map[string]any{"user_secret_key": rotated, "versioning": "suspended", "expire_days": 8, "user_enabled": false}))
	testkit.FourRuns(t, full.With(map[string]any{"state": "absent", "user_secret_key": nil, "remove_bucket": true, "versioning": nil, "tags": nil, "expire_days": nil}))

	less := strings.Replace(rights.Policy(l.bucket), `"admin:CreatePolicy",`, "", 1)
	require.NoError(t, l.admin.AddCannedPolicy(t.Context(), name, []byte(less)))
	message := testkit.Failed(t, l.task(keeper).Apply(t))
	require.True(t, slices.ContainsFunc([]string{"denied: ", "Access Denied"}, func(word string) bool { return strings.Contains(message, word) }), message)
}
