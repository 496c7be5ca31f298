// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build ring

package helm

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	core "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/testkit"
)

// cluster is a namespace of its own on an API server that nothing acts upon.
type cluster struct {
	kube.Clients
	namespace string
	loader    clientcmd.ClientConfig
}

func newCluster(t *testing.T) cluster {
	t.Helper()
	loader := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(&clientcmd.ClientConfigLoadingRules{ExplicitPath: testkit.Env(t, "KUBECONFIG")}, nil)
	config, err := loader.ClientConfig()
	require.NoError(t, err)
	clients, err := kube.NewClients(config)
	require.NoError(t, err)
	made, err := clients.Core.Namespaces().Create(t.Context(), &core.Namespace{ObjectMeta: meta.ObjectMeta{GenerateName: "ring-helm-"}}, meta.CreateOptions{})
	require.NoError(t, err)
	return cluster{clients, made.Name, loader}
}

// client is one run's; it hides the word hunter2 in records.
func (c cluster) client(wait Wait) *Client {
	hide := func(text string) string { return strings.ReplaceAll(text, "hunter2", "***") }
	return New(Access{Config: c.Config, Loader: c.loader, Secrets: c.Core.Secrets(c.namespace), Namespace: c.namespace, Wait: wait, Hide: hide})
}

func deployment(t *testing.T, version string, values map[string]any) Deployment {
	t.Helper()
	chart, err := FromArchive(tempo(t, version))
	require.NoError(t, err)
	return Deployment{Name: "tempo", Chart: chart, Values: values, Timeout: 10 * time.Second, MaxHistory: 10, Description: "by a test", Labels: map[string]string{"ring": "yes"}}
}

// records are the release's revisions as its Secrets tell, the newest first.
func (c cluster) records(t *testing.T) []Release {
	t.Helper()
	found, err := c.Core.Secrets(c.namespace).List(t.Context(), meta.ListOptions{})
	require.NoError(t, err)
	releases, err := FromSecrets(found.Items)
	require.NoError(t, err)
	return releases
}

func (c cluster) states(t *testing.T) (states []Status) {
	t.Helper()
	for _, release := range c.records(t) {
		states = append(states, release.Status)
	}
	return states
}

// data are the data of a ConfigMap, nil where there is none.
func (c cluster) data(t *testing.T, name string) map[string]string {
	t.Helper()
	found, err := c.Core.ConfigMaps(c.namespace).Get(t.Context(), name, meta.GetOptions{})
	if apierrors.IsNotFound(err) {
		return nil
	}
	require.NoError(t, err)
	return found.Data
}

func TestALifeOfARelease(t *testing.T) {
	c := newCluster(t)
	client := c.client(nil)
	none, err := client.Last("tempo")
	require.NoError(t, err)
	require.Equal(t, Absent, none.Status)
	require.False(t, none.Status.Underway())

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
	require.Equal(t, map[string]string{"ring": "yes"}, kept[0].Labels, "without Helm's own")

	require.NoError(t, client.Upgrade(t.Context(), deployment(t, "1.1.0", nil)))
	require.Equal(t, []Status{Deployed, Superseded}, c.states(t))
	require.Empty(t, c.records(t)[0].Values, "an upgrade starts from the chart's own values")
	require.Equal(t, "1.1.0", c.data(t, "tempo")["version"])

	require.NoError(t, client.Uninstall(t.Context(), "tempo", 10*time.Second))
	require.Empty(t, c.records(t))
	require.Nil(t, c.data(t, "tempo"))
	require.NoError(t, client.Uninstall(t.Context(), "tempo", time.Second), "it is gone already")
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
	require.Equal(t, fault.Conflict, fault.KindOf(err), "somebody else made the object")
	require.Contains(t, fault.HintOf(err), "take_ownership: true")

	taking := deployment(t, "1.0.0", nil)
	taking.TakeOwnership = true
	_, err = client.Preview(t.Context(), Release{}, taking)
	require.NoError(t, err)

	newer, err := FromArchive(archive(t, "tempo", map[string]string{"Chart.yaml": "apiVersion: v2\nname: tempo\nversion: 1.0.0\nkubeVersion: '>=9.0.0'\n"}))
	require.NoError(t, err)
	_, err = client.Preview(t.Context(), Release{}, Deployment{Name: "newer", Chart: newer})
	require.Equal(t, fault.Unsupported, fault.KindOf(err), err)
	require.Contains(t, fault.HintOf(err), "take an older chart_version")
	_, err = client.Preview(t.Context(), Release{}, Deployment{Name: "odd", Chart: newer, Values: map[string]any{"f": func() {}}})
	require.Error(t, err, "no value of YAML")
}

// A release whose process died is previewed, and upgraded, as after its repair.
func TestARecordThatStayedUnderway(t *testing.T) {
	c := newCluster(t)
	require.NoError(t, c.client(nil).Install(t.Context(), deployment(t, "1.0.0", nil)))
	dying := c.client(nil)
	stuck := dying.records
	last, err := dying.Last("tempo")
	require.NoError(t, err)
	record := *last.source
	info := *record.Info
	info.Status, record.Version, record.Info = "pending-upgrade", 2, &info
	require.NoError(t, stuck.Create("sh.helm.release.v1.tempo.v2", &record))
	require.Equal(t, []Status{PendingUpgrade, Deployed}, c.states(t))

	client := c.client(nil)
	pending, err := client.Last("tempo")
	require.NoError(t, err)
	require.True(t, pending.Status.Underway())
	require.Error(t, client.Upgrade(t.Context(), deployment(t, "1.1.0", nil)), "Helm takes it for another run's")
	_, err = client.Preview(t.Context(), pending, deployment(t, "1.1.0", nil))
	require.NoError(t, err)
	require.Equal(t, PendingUpgrade, c.states(t)[0], "a preview repairs nothing")

	require.NoError(t, client.MarkFailed(pending, "its process died"))
	require.Equal(t, []Status{Failed, Deployed}, c.states(t))
	require.Equal(t, "its process died", c.records(t)[0].Description)
	require.NoError(t, client.Upgrade(t.Context(), deployment(t, "1.1.0", nil)))
	require.Equal(t, []Status{Deployed, Failed, Superseded}, c.states(t))
}

// What a client left underway it settles, and nothing else.
func TestSettledOnTheAPIServer(t *testing.T) {
	c := newCluster(t)
	client := c.client(nil)
	require.NoError(t, client.Install(t.Context(), deployment(t, "1.0.0", nil)))
	require.NoError(t, client.Settle("nothing is left"))
	require.Equal(t, []Status{Deployed}, c.states(t))

	last, err := client.Last("tempo")
	require.NoError(t, err)
	record := *last.source
	info := *record.Info
	info.Status, record.Version, record.Info = "pending-upgrade", 2, &info
	require.NoError(t, client.records.Create("sh.helm.release.v1.tempo.v2", &record))
	require.NoError(t, c.client(nil).Settle("another client's is its own"))
	require.Equal(t, PendingUpgrade, c.states(t)[0])
	cause := errors.New("the connection was lost")
	require.Equal(t, cause, client.Settled(cause))
	require.Equal(t, []Status{Failed, Deployed}, c.states(t))
	require.NoError(t, client.Settled(nil))
}

// The wait is ours: it is told the objects, its error becomes the record's
// description without secrets, and an atomic change is taken back.
func TestWaitOfADeployment(t *testing.T) {
	c := newCluster(t)
	var asked []string
	refused := fault.New(fault.Timeout, "look at its pods", "tempo is not ready: it says hunter2")
	wait := func(_ context.Context, objects []Object) error {
		asked = nil
		for _, object := range objects {
			asked = append(asked, object.Namespace+": "+object.Path())
		}
		if c.data(t, "tempo")["version"] == "1.1.0" {
			return refused
		}
		return nil
	}
	client := c.client(wait)
	first := deployment(t, "1.0.0", nil)
	first.Wait = true
	require.NoError(t, client.Install(t.Context(), first))
	require.Equal(t, []string{c.namespace + ": configmap/tempo"}, asked)

	second := deployment(t, "1.1.0", nil)
	second.Wait = true
	err := client.Upgrade(t.Context(), second)
	require.ErrorIs(t, err, refused)
	require.Equal(t, fault.Timeout, fault.KindOf(err))
	require.Equal(t, "look at its pods", fault.HintOf(err))
	require.Equal(t, []Status{Failed, Deployed}, c.states(t))
	require.Contains(t, c.records(t)[0].Description, "it says ***")

	second.Atomic = true
	require.ErrorIs(t, client.Upgrade(t.Context(), second), refused)
	require.Equal(t, Deployed, c.states(t)[0])
	require.Equal(t, "1.0.0", c.data(t, "tempo")["version"], "the change is taken back")
}

// Helm compares with the deployed revision alone: what a failed one left goes too.
func TestAnUpgradeRemovesWhatAFailedOneLeft(t *testing.T) {
	c := newCluster(t)
	client := c.client(nil)
	require.NoError(t, client.Install(t.Context(), deployment(t, "1.0.0", nil)))
	err := client.Upgrade(t.Context(), deployment(t, "1.1.0", map[string]any{"extra": "left", "broken": true}))
	require.Equal(t, fault.Rejected, fault.KindOf(err), err)
	require.ErrorContains(t, err, "upgrade release tempo with chart tempo-1.1.0")
	require.NotContains(t, err.Error(), "\n", "one line")
	require.NotNil(t, c.data(t, "left"))
	failed, err := client.Last("tempo")
	require.NoError(t, err)
	require.Equal(t, Failed, failed.Status)

	next := deployment(t, "1.2.0", nil)
	next.Failed = []string{strings.Split(failed.Manifest, "---\n# Source: tempo/templates/config.yaml\napiVersion: v1\nkind: Service")[0]}
	require.NoError(t, client.Upgrade(t.Context(), next))
	require.Nil(t, c.data(t, "left"))
	require.Equal(t, "1.2.0", c.data(t, "tempo")["version"])
}

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

func TestRecordsThatCannotBeRead(t *testing.T) {
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
	require.NoError(t, err, "as Helm stored it before it knew compression")
	require.Equal(t, 3, plain[0].Revision)
}
