// SPDX-License-Identifier: AGPL-3.0-or-later

package inventory_test

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/inventory"
	"github.com/picluster/tracing/modules/internal/kube"
)

// creating is a cluster without objects that answers each creation with an error.
type creating struct {
	inventory.Cluster
	says map[string]error
}

func (creating) Kind(_ context.Context, ref kube.Ref) (kube.Kind, bool, error) {
	return kube.Kind{Namespaced: true}, ref.Kind != "Unknown", nil
}

func (creating) Get(context.Context, kube.Ref) (*unstructured.Unstructured, error) { return nil, nil }

func (c creating) DryRunCreate(_ context.Context, manifest *unstructured.Unstructured, _ string) error {
	return kube.Fault("create "+manifest.GetName(), c.says[manifest.GetName()])
}

func answered(code int32, reason meta.StatusReason, text string) error {
	return &apierrors.StatusError{ErrStatus: meta.Status{Code: code, Reason: reason, Message: text}}
}

func TestRehearsal(t *testing.T) {
	denied := answered(http.StatusForbidden, meta.StatusReasonForbidden, `secrets is forbidden: User "pi" cannot create resource "secrets" in API group "" in the namespace "a"`)
	blind := answered(http.StatusBadRequest, meta.StatusReasonBadRequest, `admission webhook "mesh.example.com" does not support dry run`)
	wrong := answered(http.StatusUnprocessableEntity, meta.StatusReasonInvalid, `Service "a" is invalid: token is c2VjcmV0c2VjcmV0`)
	missing := func(namespace string) error {
		return apierrors.NewNotFound(schema.GroupResource{Resource: "namespaces"}, namespace)
	}
	secretive := map[string]any{"apiVersion": "v1", "kind": "Secret", "data": map[string]any{"token": "c2VjcmV0c2VjcmV0"}}
	cases := map[string]struct {
		reason                   string
		kind                     string
		content                  map[string]any
		says                     error
		refused, denied, unasked string
		fails                    string
	}{
		"taken":          {"nothing to say", "Service", nil, nil, "", "", "", ""},
		"refused":        {"with step and object", "Service", nil, wrong, `create a: Service "a" is invalid: token is c2VjcmV0c2VjcmV0`, "", "", ""},
		"a secret":       {"is not shown", "Secret", secretive, wrong, `create a: Service "a" is invalid: token is VALUE_SPECIFIED_IN_NO_LOG_PARAMETER`, "", "", ""},
		"no right":       {"a check may do without", "Service", nil, denied, "", `create a: secrets is forbidden: User "pi" cannot create resource "secrets" in API group "" in the namespace "a"`, "", ""},
		"side effects":   {"the webhook cannot be asked", "Service", nil, blind, "", "", `create a: admission webhook "mesh.example.com" does not support dry run`, ""},
		"unknown kind":   {"the chart may bring it", "Unknown", nil, wrong, "", "", "", ""},
		"no namespace":   {"the installation makes it", "Service", nil, missing("a"), "", "", "", ""},
		"another one":    {"which nobody makes", "Service", nil, missing("b"), `create a: namespaces "b" not found`, "", "", ""},
		"nobody answers": {"that is no verdict", "Service", nil, errors.New("no route to host"), "", "", "", "create a: no route to host"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			content := test.content
			if content == nil {
				content = map[string]any{"apiVersion": "v1", "kind": test.kind}
			}
			content["metadata"] = map[string]any{"name": "a"}
			rehearsal := inventory.Rehearsal{Cluster: creating{says: map[string]error{"a": test.says}}, Release: "tempo", Namespace: "a",
				After: []helm.Object{{APIVersion: "v1", Kind: test.kind, Name: "a", Namespace: "a", Content: content}}}
			verdict, err := rehearsal.Run(t.Context())
			if test.fails != "" {
				require.EqualError(t, err, test.fails, test.reason)
				return
			}
			require.NoError(t, err)
			for want, all := range map[*string][]error{&test.refused: verdict.Refused, &test.denied: verdict.Denied, &test.unasked: verdict.Unasked} {
				if *want == "" {
					require.Empty(t, all, test.reason)
					continue
				}
				require.Len(t, all, 1)
				require.EqualError(t, all[0], *want, test.reason)
			}
			rehearsal.NoNamespace = true
			verdict, err = rehearsal.Run(t.Context())
			require.NoError(t, err)
			require.Equal(t, inventory.Verdict{}, verdict, "nothing can be asked about a namespace that is yet to be made")
		})
	}
}
