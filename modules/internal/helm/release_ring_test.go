// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build ring

package helm

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/picluster/tracing/modules/internal/fault"
)

func TestReleaseLifecycle(t *testing.T) {
	c := newCluster(t)
	client := c.client(nil)
	none, err := client.Last("tempo")
	require.NoError(t, err)
	require.Equal(t, Absent, none.Status)
	require.False(t, none.Status.Pending())

	require.NoError(t, client.Install(t.Context(), deployment(t, "1.0.0", map[string]any{"replicas": 2, "config": map[string]any{"a": 7}})))
	last, err := client.Last("tempo")
	require.NoError(t, err)
	require.Equal(t, Deployed, last.Status)
	require.Equal(t, "tempo-1.0.0", last.Chart.ID())
	require.Equal(t, map[string]any{"replicas": 2.0, "config": map[string]any{"a": 7.0}}, last.Values, "numbers as JSON has them")
	require.Equal(t, "by a test", last.Description)
	require.WithinDuration(t, time.Now(), last.Updated, time.Minute)
	require.Equal(t, map[string]string{"version": "1.0.0", "config": `{"a":7,"b":2}`}, c.data(t, "tempo"))
	kept := c.records(t)
	require.Len(t, kept, 1)
	require.Equal(t, []any{last.Values, last.Manifest, last.Revision, last.Status}, []any{kept[0].Values, kept[0].Manifest, kept[0].Revision, kept[0].Status})
	require.Equal(t, map[string]string{"ring": "yes"}, kept[0].Labels, "without Helm's own labels")

	require.NoError(t, client.Upgrade(t.Context(), deployment(t, "1.1.0", nil)))
	require.Equal(t, []Status{Deployed, Superseded}, c.states(t))
	require.Empty(t, c.records(t)[0].Values, "an upgrade starts from the chart's own values")
	require.Equal(t, "1.1.0", c.data(t, "tempo")["version"])

	require.NoError(t, client.Uninstall(t.Context(), "tempo", 10*time.Second))
	require.Empty(t, c.records(t))
	require.Nil(t, c.data(t, "tempo"))
	require.NoError(t, client.Uninstall(t.Context(), "tempo", time.Second), "it is already gone")
}

// What another process has ended meanwhile is no failure: each finds nothing left to
// purge where the other was quicker.
func TestUninstallThatAnotherEnds(t *testing.T) {
	c := newCluster(t)
	require.NoError(t, c.client(nil).Install(t.Context(), deployment(t, "1.0.0", nil)))
	objects := c.Core.ConfigMaps(c.namespace)
	holds := func(finalizers string) {
		_, err := objects.Patch(t.Context(), "tempo", types.MergePatchType, []byte(`{"metadata":{"finalizers":`+finalizers+`}}`), meta.PatchOptions{})
		require.NoError(t, err)
	}
	holds(`["example.com/slow"]`)

	ended := make(chan error, 2)
	for range 2 {
		before := c.version(t)
		go func() { ended <- c.client(nil).Uninstall(context.WithoutCancel(t.Context()), "tempo", 30*time.Second) }()
		require.Eventually(t, func() bool { return c.version(t) != before }, 10*time.Second, 10*time.Millisecond, "it has read the release, and says so in its record")
	}
	holds("null")
	require.NoError(t, errors.Join(<-ended, <-ended))
	require.Empty(t, c.records(t))
	require.Nil(t, c.data(t, "tempo"))
}

// version is that of the release's only record, as the API server counts it.
func (c cluster) version(t *testing.T) string {
	t.Helper()
	found, err := c.Core.Secrets(c.namespace).List(t.Context(), meta.ListOptions{LabelSelector: "owner=helm"})
	require.NoError(t, err)
	require.Len(t, found.Items, 1)
	return found.Items[0].ResourceVersion
}

// A preview is what a deployment then writes, and writes nothing itself.
func TestPreview(t *testing.T) {
	c := newCluster(t)
	client := c.client(nil)
	preview := func(d Deployment) string {
		current, err := client.Last("tempo")
		require.NoError(t, err)
		before := c.states(t)
		manifest, err := client.Preview(t.Context(), current, d)
		require.NoError(t, err)
		require.Equal(t, before, c.states(t), "no record is written")
		return manifest
	}
	first := deployment(t, "1.0.0", map[string]any{"config": map[string]any{"a": 3}})
	manifest := preview(first)
	require.Nil(t, c.data(t, "tempo"), "no object is made")
	require.NoError(t, client.Install(t.Context(), first))
	require.Equal(t, c.records(t)[0].Manifest, manifest)

	second := deployment(t, "1.1.0", map[string]any{"extra": "more"})
	manifest = preview(second)
	require.Nil(t, c.data(t, "more"))
	require.Equal(t, "1.0.0", c.data(t, "tempo")["version"])
	require.NoError(t, client.Upgrade(t.Context(), second))
	require.Equal(t, c.records(t)[0].Manifest, manifest)
}

func TestPreviewFailures(t *testing.T) {
	c := newCluster(t)
	client := c.client(nil)
	_, err := c.Core.ConfigMaps(c.namespace).Create(t.Context(), &core.ConfigMap{ObjectMeta: meta.ObjectMeta{Name: "tempo"}}, meta.CreateOptions{})
	require.NoError(t, err)
	_, err = client.Preview(t.Context(), Release{}, deployment(t, "1.0.0", nil))
	require.ErrorContains(t, err, "render release tempo with chart tempo-1.0.0")
	require.Equal(t, fault.Conflict, fault.KindOf(err), "somebody else created the object")
	require.Contains(t, fault.HintOf(err), "take_ownership: true")

	taking := deployment(t, "1.0.0", nil)
	taking.TakeOwnership = true
	_, err = client.Preview(t.Context(), Release{}, taking)
	require.NoError(t, err)

	newer, err := FromArchive(archive(t, "tempo", map[string]string{"Chart.yaml": "apiVersion: v2\nname: tempo\nversion: 1.0.0\nkubeVersion: '>=9.0.0'\n"}))
	require.NoError(t, err)
	_, err = client.Preview(t.Context(), Release{}, Deployment{Name: "newer", Chart: newer})
	require.Equal(t, fault.Unsupported, fault.KindOf(err), err)
	require.Contains(t, fault.HintOf(err), "use an older chart_version")
	_, err = client.Preview(t.Context(), Release{}, Deployment{Name: "odd", Chart: newer, Values: map[string]any{"f": func() {}}})
	require.Error(t, err, "not a YAML value")
}
