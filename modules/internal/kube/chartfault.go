// SPDX-License-Identifier: AGPL-3.0-or-later

package kube

import (
	"context"
	"encoding/json"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/picluster/tracing/modules/internal/fault"
)

// access is a right on a kind of k3s' Helm controller: in one namespace, or in
// all if that is empty.
type access struct{ verb, resource, namespace string }

func (a access) where() string {
	if a.namespace == "" {
		return "in all namespaces"
	}
	return "in namespace " + a.namespace
}

func (a access) role() string {
	if a.namespace == "" {
		return "a ClusterRole"
	}
	return "a Role in namespace " + a.namespace
}

// forbidden says which right is missing. The API server's own message is lost:
// the client cannot decode it for kinds that it does not know, and says
// "unknown" instead.
type forbidden struct {
	missing access
	cause   error
}

// Error names verb, resource and group.
func (f forbidden) Error() string {
	return fmt.Sprintf("forbidden: this user may not %s %s.helm.cattle.io %s", f.missing.verb, f.missing.resource, f.missing.where())
}

// Unwrap returns the client's error.
func (f forbidden) Unwrap() error { return f.cause }

// chartFault is Fault for k3s' kinds: a refusal that no policy made names the missing right.
func chartFault(doing string, right access, err error) error {
	if !apierrors.IsForbidden(err) || Explained(doing, err) != nil && !LacksRight(err) {
		return Fault(doing, err)
	}
	hint := fmt.Sprintf("give this user the verb %s on %s of the API group helm.cattle.io in %s, or use a kubeconfig with more rights",
		right.verb, right.resource, right.role())
	return fault.Wrap(fault.Denied, hint, doing, forbidden{right, err})
}

// configKind is the API path of HelmChartConfig's CRD.
const configKind = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/helmchartconfigs.helm.cattle.io"

// FailurePolicies are the failure policies that this cluster's HelmChartConfig
// accepts. Known is false if this user may not read the CRD, or if it lists
// none.
func (h HelmCharts) FailurePolicies(ctx context.Context) (policies []string, known bool) {
	data, err := h.rest.Get().AbsPath(configKind).Do(ctx).Raw()
	if err != nil {
		return nil, false
	}
	var kind configSchema
	if json.Unmarshal(data, &kind) != nil || len(kind.Spec.Versions) == 0 {
		return nil, false
	}
	policies = kind.Spec.Versions[0].Schema.OpenAPI.Properties.Spec.Properties.Policy.Enum
	return policies, len(policies) > 0
}

// configSchema is the part of a CustomResourceDefinition that lists the values of
// spec.failurePolicy.
type configSchema struct {
	Spec struct {
		Versions []struct {
			Schema struct {
				OpenAPI struct {
					Properties struct {
						Spec struct {
							Properties struct {
								Policy struct {
									Enum []string `json:"enum"`
								} `json:"failurePolicy"`
							} `json:"properties"`
						} `json:"spec"`
					} `json:"properties"`
				} `json:"openAPIV3Schema"`
			} `json:"schema"`
		} `json:"versions"`
	} `json:"spec"`
}
