// SPDX-License-Identifier: AGPL-3.0-or-later

package charts

import (
	"testing"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"sigs.k8s.io/yaml"

	sources "github.com/picluster/tracing/molecule/lab/charts"
)

// TestObjectsAreValidKubernetesTypes decodes every object of every version strictly: a misspelt field is an error.
func TestObjectsAreValidKubernetesTypes(t *testing.T) {
	types := map[string]func() any{
		"v1/ConfigMap":                                    func() any { return &corev1.ConfigMap{} },
		"v1/Secret":                                       func() any { return &corev1.Secret{} },
		"v1/Service":                                      func() any { return &corev1.Service{} },
		"v1/ServiceAccount":                               func() any { return &corev1.ServiceAccount{} },
		"apps/v1/Deployment":                              func() any { return &appsv1.Deployment{} },
		"apps/v1/StatefulSet":                             func() any { return &appsv1.StatefulSet{} },
		"policy/v1/PodDisruptionBudget":                   func() any { return &policyv1.PodDisruptionBudget{} },
		"networking.k8s.io/v1/IngressClass":               func() any { return &networkingv1.IngressClass{} },
		"rbac.authorization.k8s.io/v1/ClusterRole":        func() any { return &rbacv1.ClusterRole{} },
		"rbac.authorization.k8s.io/v1/ClusterRoleBinding": func() any { return &rbacv1.ClusterRoleBinding{} },
	}
	values := map[string]string{
		"tempo":             readTestdata(t, "full-tempo.yaml"),
		"tempo-distributed": readTestdata(t, "full-tempo-distributed.yaml"),
		"traefik":           readTestdata(t, "full-traefik.yaml"),
	}
	for _, name := range Names {
		c, err := readCatalogue(sources.Files, name)
		require.NoError(t, err)
		for _, e := range c.Editions {
			t.Run(name+"/"+e.Version, func(t *testing.T) {
				for id, o := range render(t, name, e.Version, "tempo", "tracing", values[name]) {
					kind := o.str("apiVersion") + "/" + o.str("kind")
					require.Contains(t, types, kind)
					raw, err := yaml.Marshal(o)
					require.NoError(t, err)
					require.NoError(t, yaml.UnmarshalStrict(raw, types[kind]()), id)
				}
			})
		}
	}
}
