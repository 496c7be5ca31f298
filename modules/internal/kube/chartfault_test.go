// SPDX-License-Identifier: AGPL-3.0-or-later

package kube

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/rest"

	"github.com/picluster/tracing/modules/internal/fault"
)

// answering is a client of an API server that answers every request alike.
func answering(t *testing.T, status int, body string) HelmCharts {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}))
	t.Cleanup(server.Close)
	charts, err := Clients{Config: &rest.Config{Host: server.URL}}.HelmCharts()
	require.NoError(t, err)
	return charts
}

func TestForbiddenHelmChartsNameThePermission(t *testing.T) {
	const refusal = `{"kind":"Status","apiVersion":"v1","status":"Failure","message":"helmcharts.helm.cattle.io is forbidden","reason":"Forbidden","code":403}`
	cases := map[string]struct {
		reason     string
		call       func(context.Context, HelmCharts) error
		says, hint string
	}{
		"list": {"in all namespaces", func(ctx context.Context, h HelmCharts) error { _, err := h.List(ctx); return err },
			"list HelmCharts: forbidden: this user may not list helmcharts.helm.cattle.io in all namespaces",
			"give this user the verb list on helmcharts of the API group helm.cattle.io in a ClusterRole, or use a kubeconfig with more rights"},
		"read": {"in one namespace", func(ctx context.Context, h HelmCharts) error {
			_, err := h.Config(ctx, "kube-system", "traefik")
			return err
		},
			"read HelmChartConfig kube-system/traefik: forbidden: this user may not get helmchartconfigs.helm.cattle.io in namespace kube-system",
			"give this user the verb get on helmchartconfigs of the API group helm.cattle.io in a Role in namespace kube-system, or use a kubeconfig with more rights"},
		"create": {"writing", func(ctx context.Context, h HelmCharts) error {
			return h.CreateConfig(ctx, "kube-system", "traefik", map[string]any{})
		}, "create HelmChartConfig kube-system/traefik: forbidden: this user may not create helmchartconfigs.helm.cattle.io in namespace kube-system",
			"give this user the verb create on helmchartconfigs of the API group helm.cattle.io in a Role in namespace kube-system, or use a kubeconfig with more rights"},
		"patch": {"writing", func(ctx context.Context, h HelmCharts) error {
			return h.PatchConfig(ctx, "kube-system", "traefik", map[string]any{})
		}, "update HelmChartConfig kube-system/traefik: forbidden: this user may not patch helmchartconfigs.helm.cattle.io in namespace kube-system",
			"give this user the verb patch on helmchartconfigs of the API group helm.cattle.io in a Role in namespace kube-system, or use a kubeconfig with more rights"},
		"delete": {"writing", func(ctx context.Context, h HelmCharts) error {
			return h.DeleteConfig(ctx, "kube-system", "traefik", "1")
		},
			"delete HelmChartConfig kube-system/traefik: forbidden: this user may not delete helmchartconfigs.helm.cattle.io in namespace kube-system",
			"give this user the verb delete on helmchartconfigs of the API group helm.cattle.io in a Role in namespace kube-system, or use a kubeconfig with more rights"},
		"annotate": {"writing", func(ctx context.Context, h HelmCharts) error {
			return h.AnnotateChart(ctx, "kube-system", "traefik", "a", "b")
		}, "annotate HelmChart kube-system/traefik: forbidden: this user may not patch helmcharts.helm.cattle.io in namespace kube-system",
			"give this user the verb patch on helmcharts of the API group helm.cattle.io in a Role in namespace kube-system, or use a kubeconfig with more rights"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			err := c.call(t.Context(), answering(t, http.StatusForbidden, refusal))
			require.EqualError(t, err, c.says, c.reason)
			require.Equal(t, c.hint, fault.HintOf(err))
			require.Equal(t, fault.Denied, fault.KindOf(err))
			require.True(t, apierrors.IsForbidden(err), "callers can check the API server's reason")
		})
	}
}

func TestFailurePoliciesOfTheCluster(t *testing.T) {
	cases := map[string]struct {
		reason string
		status int
		body   string
		want   []string
	}{
		"three": {"helm-controller of July 2026", 200,
			`{"spec":{"versions":[{"schema":{"openAPIV3Schema":{"properties":{"spec":{"properties":{"failurePolicy":{"enum":["abort","reinstall","retry"]}}}}}}}]}}`,
			[]string{"abort", "reinstall", "retry"}},
		"no words":    {"older versions accept any text", 200, `{"spec":{"versions":[{"schema":{"openAPIV3Schema":{"type":"object"}}}]}}`, nil},
		"no versions": {"another program answers", 200, `{}`, nil},
		"no right":    {"a user with rights in one namespace only", 403, `{"kind":"Status","status":"Failure","reason":"Forbidden","code":403}`, nil},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			policies, known := answering(t, c.status, c.body).FailurePolicies(t.Context())
			require.Equal(t, c.want, policies, c.reason)
			require.Equal(t, len(c.want) > 0, known)
		})
	}
}
