// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build ring

package helm

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	core "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/clientcmd"

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
