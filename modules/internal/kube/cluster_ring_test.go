// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build ring

package kube_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/testkit"
)

// cluster is a namespace of its own on a bare API server: no controller, no
// scheduler, no node.
type cluster struct {
	kube.Clients
	objects   *kube.Objects
	namespace string
}

func newCluster(t *testing.T) cluster {
	t.Helper()
	config, err := clientcmd.BuildConfigFromFlags("", testkit.Env(t, "KUBECONFIG"))
	require.NoError(t, err)
	c := connect(t, config)
	made, err := c.Core.Namespaces().Create(t.Context(), &core.Namespace{ObjectMeta: meta.ObjectMeta{GenerateName: "ring-"}}, meta.CreateOptions{})
	require.NoError(t, err)
	c.namespace = made.Name
	return c
}

func connect(t *testing.T, config *rest.Config) cluster {
	t.Helper()
	clients, err := kube.NewClients(config)
	require.NoError(t, err)
	objects, err := kube.NewObjects(config, "default")
	require.NoError(t, err)
	return cluster{Clients: clients, objects: objects}
}

// stranger is the same namespace for a user with no rights at all.
func (c cluster) stranger(t *testing.T) cluster {
	t.Helper()
	config := rest.CopyConfig(c.Config)
	config.Impersonate = rest.ImpersonationConfig{UserName: "stranger"}
	other := connect(t, config)
	other.namespace = c.namespace
	return other
}

// manifest is an object in the cluster's namespace.
func (c cluster) manifest(t *testing.T, text string) *unstructured.Unstructured {
	t.Helper()
	made := object(t, text)
	made.SetNamespace(c.namespace)
	return made
}

// apply applies an object as a field manager.
func (c cluster) apply(t *testing.T, manifest *unstructured.Unstructured, manager string) *unstructured.Unstructured {
	t.Helper()
	live, err := c.objects.Apply(t.Context(), manifest, kube.Applying{Manager: manager})
	require.NoError(t, err)
	return live
}

// define creates a CRD and waits until the API server serves it.
func (c cluster) define(t *testing.T, definition, apiVersion, kind string) {
	t.Helper()
	c.apply(t, object(t, definition), "ring")
	require.Eventually(t, func() bool {
		c.objects.Forget()
		_, known, err := c.objects.Kind(t.Context(), kube.Ref{APIVersion: apiVersion, Kind: kind})
		return err == nil && known
	}, 10*time.Second, 100*time.Millisecond, "%s %s is not served", apiVersion, kind)
}

// requireFault checks an error's kind and part of its text.
func requireFault(t *testing.T, err error, kind fault.Kind, text string) {
	t.Helper()
	require.ErrorContains(t, err, text)
	require.Equal(t, kind, fault.KindOf(err), err)
}
