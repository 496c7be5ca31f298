// SPDX-License-Identifier: AGPL-3.0-or-later

package kube

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/rest"
)

const configMap = `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c","namespace":"shop","resourceVersion":"1"},"data":{"k":"old"}}`

// patchServer serves ConfigMaps and records which patches are not dry runs.
func patchServer(t *testing.T, kept *[]bool) *Objects {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.URL.Path == "/api/v1" {
			_, _ = w.Write([]byte(`{"kind":"APIResourceList","apiVersion":"v1","groupVersion":"v1","resources":[{"name":"configmaps","kind":"ConfigMap","namespaced":true}]}`))
			return
		}
		*kept = append(*kept, r.URL.Query().Get("dryRun") != "All")
		_, _ = w.Write([]byte(configMap))
	}))
	t.Cleanup(server.Close)
	objects, err := NewObjects(&rest.Config{Host: server.URL}, "default")
	require.NoError(t, err)
	return objects
}

func TestDryRunIsNotPersisted(t *testing.T) {
	live := parseObject(t, configMap)
	wanted := live.DeepCopy()
	wanted.Object["data"] = map[string]any{"k": "new"}
	patch, err := ThreeWay(live, wanted, live)
	require.NoError(t, err)
	type call = func(context.Context, *Objects) (*unstructured.Unstructured, error)
	cases := map[string]struct {
		reason string
		call   call
		kept   bool
	}{
		"apply": {"a step writes", func(ctx context.Context, o *Objects) (*unstructured.Unstructured, error) {
			return o.Apply(ctx, wanted, Applying{Manager: Manager})
		}, true},
		"dry run of apply": {"a dry run does not write", func(ctx context.Context, o *Objects) (*unstructured.Unstructured, error) {
			return o.DryRunApply(ctx, wanted, Applying{Manager: Manager})
		}, false},
		"dry run of a patch": {"a dry run does not write", func(ctx context.Context, o *Objects) (*unstructured.Unstructured, error) {
			return o.DryRunPatch(ctx, patch, Manager)
		}, false},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			var kept []bool
			object, err := test.call(t.Context(), patchServer(t, &kept))
			require.NoError(t, err)
			require.Equal(t, "c", object.GetName(), "the answer is the object as it would be")
			require.Equal(t, []bool{test.kept}, kept, test.reason)
		})
	}
}

func parseObject(t *testing.T, text string) *unstructured.Unstructured {
	t.Helper()
	object := &unstructured.Unstructured{}
	require.NoError(t, object.UnmarshalJSON([]byte(text)))
	return object
}
