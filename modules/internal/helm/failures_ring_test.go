// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build ring

package helm

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/picluster/tracing/modules/internal/fault"
)

func TestDeploymentFailures(t *testing.T) {
	c := newCluster(t)
	client := c.client(nil)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	err := client.Install(ended, deployment(t, "1.0.0", nil))
	require.Equal(t, fault.Timeout, fault.KindOf(err), err)
	require.Equal(t, "run again: the next run finishes what this one began", fault.HintOf(err))

	require.NoError(t, c.Core.Namespaces().Delete(t.Context(), c.namespace, meta.DeleteOptions{}))
	late := deployment(t, "1.0.0", nil)
	late.Name = "late"
	err = c.client(nil).Install(t.Context(), late)
	require.Equal(t, fault.Conflict, fault.KindOf(err), err)
	require.ErrorContains(t, err, "namespace "+c.namespace+" is being deleted")
}

func TestUnreadableRecords(t *testing.T) {
	secret := func(labels map[string]string, data string) core.Secret {
		return core.Secret{ObjectMeta: meta.ObjectMeta{Name: "r", Labels: labels}, Data: map[string][]byte{"release": []byte(data)}}
	}
	helms := map[string]string{OwnerLabel: Owner}
	for data, text := range map[string]string{
		"a page in HTML":   "read release record r: it is not base64",
		"aHVudGVyMg==":     "read release record r: it is not a release in JSON",
		"H4sIAAAAAAAAAA==": "read release record r: ",
	} {
		_, err := FromSecrets([]core.Secret{secret(helms, data)})
		require.ErrorContains(t, err, text)
		require.NotContains(t, err.Error(), "hunter2")
	}
	others, err := FromSecrets([]core.Secret{secret(map[string]string{OwnerLabel: "somebody"}, "x"), secret(nil, "x")})
	require.NoError(t, err)
	require.Empty(t, others)
	plain, err := FromSecrets([]core.Secret{secret(helms, "eyJuYW1lIjoidGVtcG8iLCJ2ZXJzaW9uIjozfQ==")})
	require.NoError(t, err, "as Helm stored it before it used compression")
	require.Equal(t, 3, plain[0].Revision)
}
