// SPDX-License-Identifier: AGPL-3.0-or-later

package traefikfind

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/fake"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/kube"
)

type installed []kube.HelmChart

func (c installed) List(context.Context) ([]kube.HelmChart, error) { return c, nil }

// deployed is the Deployment of a chart, as Helm has made it.
func deployed(release, name, chart string, args ...string) *apps.Deployment {
	d := &apps.Deployment{ObjectMeta: meta.ObjectMeta{Namespace: "edge", Name: release + "-" + name, Labels: map[string]string{
		"app.kubernetes.io/managed-by": "Helm", "app.kubernetes.io/name": name, "helm.sh/chart": chart}, Annotations: map[string]string{
		"meta.helm.sh/release-name": release, "meta.helm.sh/release-namespace": "edge"}}}
	d.Spec.Selector = &meta.LabelSelector{}
	d.Spec.Template.Spec.Containers = []core.Container{{Name: release + "-" + name, Image: "traefik:v3.6.13", Args: args}}
	return d
}

// A subchart with an alias has nothing of Traefik's name on it; what it runs tells.
func TestFindByWhatRuns(t *testing.T) {
	own := deployed("traefik", "traefik", "traefik-39.0.7", "--entryPoints.web.address=:8000/tcp")
	aliased := deployed("infra", "ingress", "ingress-39.0.7", "--global.checknewversion", "--entryPoints.web.address=:8000/tcp")
	second := deployed("infra", "private", "private-39.0.7", "--entryPoints.web.address=:8000/tcp")
	other := deployed("x", "podinfo", "podinfo-6.0.0", "--port=9898")
	rendered := deployed("", "ingress", "ingress-39.0.7", "--entryPoints.web.address=:8000/tcp")
	rendered.Annotations = nil
	auto := Wanted{Method: Auto}
	cases := map[string]struct {
		reason      string
		charts      installed
		deployments []runtime.Object
		wanted      Wanted
		want, fails string
	}{
		"alias":            {"it has entry points", nil, []runtime.Object{other, aliased}, auto, "Helm release edge/infra (ingress-39.0.7, traefik:v3.6.13)", ""},
		"by a HelmChart":   {"k3s installs the umbrella", installed{helmChart("infra", "infra", "edge")}, []runtime.Object{aliased}, auto, "HelmChart kube-system/infra (ingress-39.0.7, traefik:v3.6.13)", ""},
		"beside a Traefik": {"what has Traefik's chart is meant", nil, []runtime.Object{aliased, own}, auto, "Helm release edge/traefik (traefik-39.0.7, traefik:v3.6.13)", ""},
		"named":            {"the task means the other", nil, []runtime.Object{aliased, own}, Wanted{Method: Auto, Name: "infra"}, "Helm release edge/infra (ingress-39.0.7, traefik:v3.6.13)", ""},
		"none":             {"nothing runs Traefik", nil, []runtime.Object{other}, auto, "", "find Traefik: there is no HelmChart of the chart traefik and no Deployment or DaemonSet of that chart"},
		"rendered":         {"by helm template", nil, []runtime.Object{rendered}, auto, "", "find Traefik: deployment/edge/-ingress was not installed by Helm"},
		"two of one chart": {"no name tells them apart", nil, []runtime.Object{aliased, second}, auto, "",
			"find Traefik: there are 2: Helm release edge/infra (ingress-39.0.7, traefik:v3.6.13), Helm release edge/infra (private-39.0.7, traefik:v3.6.13)"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			cluster := kube.Clients{Apps: fake.NewClientset(c.deployments...).AppsV1()}
			one, err := Find(t.Context(), cluster.Reader(), c.charts, c.wanted)
			if c.fails != "" {
				require.EqualError(t, err, c.fails, c.reason)
				return
			}
			require.NoError(t, err, c.reason)
			require.Equal(t, c.want, one.String(), c.reason)
		})
	}
}

func TestTwoOfOneReleaseCannotBeNamed(t *testing.T) {
	both := []Workload{running("edge/infra"), running("edge/infra")}
	_, err := choose(Wanted{Method: Auto}, nil, both)
	require.Equal(t, "they are subcharts of one release: put their settings into its values, which are not changed here, and set traefik_enabled: false", fault.HintOf(err))
	_, err = choose(Wanted{Method: Auto}, nil, []Workload{running("a/traefik"), running("b/traefik")})
	require.Equal(t, "say which one with name and namespace", fault.HintOf(err))
}
