// SPDX-License-Identifier: AGPL-3.0-or-later

package kube

import (
	"testing"

	"github.com/stretchr/testify/require"
	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/picluster/tracing/modules/internal/fault"
)

func TestOwnerOf(t *testing.T) {
	wrote := func(manager string, operation meta.ManagedFieldsOperationType, subresource string) []meta.ManagedFieldsEntry {
		return []meta.ManagedFieldsEntry{{Manager: "kubectl", Operation: meta.ManagedFieldsOperationUpdate},
			{Manager: manager, Operation: operation, Subresource: subresource}}
	}
	tests := map[string]struct {
		reason string
		object meta.ObjectMeta
		name   string
		place  string
	}{
		"Flux' HelmRelease": {"it labels objects in its post renderer", meta.ObjectMeta{Labels: map[string]string{
			"helm.toolkit.fluxcd.io/name": "tempo", "helm.toolkit.fluxcd.io/namespace": "flux-system"}},
			"Flux' HelmRelease flux-system/tempo", "spec.values of that HelmRelease"},
		"HelmRelease of a Kustomization": {"the nearest owner counts", meta.ObjectMeta{Labels: map[string]string{
			"kustomize.toolkit.fluxcd.io/name": "apps", "kustomize.toolkit.fluxcd.io/namespace": "flux-system", "helm.toolkit.fluxcd.io/name": "tempo"}},
			"Flux' HelmRelease tempo", "spec.values of that HelmRelease"},
		"Flux' Kustomization": {"labels by kustomize-controller", meta.ObjectMeta{Labels: map[string]string{
			"kustomize.toolkit.fluxcd.io/name": "apps", "kustomize.toolkit.fluxcd.io/namespace": "flux-system"}},
			"Flux' Kustomization flux-system/apps", "the Git repository of that Kustomization"},
		"Flux' ResourceSet": {"labels by flux-operator", meta.ObjectMeta{Labels: map[string]string{
			"resourceset.fluxcd.controlplane.io/name": "apps", "resourceset.fluxcd.controlplane.io/namespace": "flux"}},
			"Flux' ResourceSet flux/apps", "the Git repository of that ResourceSet"},
		"Argo CD by annotation": {"the default since 3.0", meta.ObjectMeta{Annotations: map[string]string{
			"argocd.argoproj.io/tracking-id": "cluster:helm.cattle.io/HelmChartConfig:kube-system/traefik"}},
			"Argo CD's Application cluster", "the Git repository of that Application"},
		"Argo CD by its own label": {"application.instanceLabelKey", meta.ObjectMeta{Labels: map[string]string{"argocd.argoproj.io/instance": "cluster"}},
			"Argo CD's Application cluster", "the Git repository of that Application"},
		"Argo CD by the common label": {"the default up to 2.x, server-side apply", meta.ObjectMeta{Labels: map[string]string{"app.kubernetes.io/instance": "cluster"},
			ManagedFields: wrote("argocd-controller", meta.ManagedFieldsOperationApply, "")}, "Argo CD's Application cluster", "the Git repository of that Application"},
		"Argo CD, client-side": {"with client-side apply it updates objects", meta.ObjectMeta{Labels: map[string]string{"app.kubernetes.io/instance": "cluster"},
			ManagedFields: wrote("argocd-application-controller", meta.ManagedFieldsOperationUpdate, "")}, "Argo CD's Application cluster", "the Git repository of that Application"},
		"Argo CD by a label of the user's": {"only Argo CD's field manager shows up, not the application", meta.ObjectMeta{Labels: map[string]string{"example.com/app": "cluster"},
			ManagedFields: wrote("argocd-controller", meta.ManagedFieldsOperationApply, "")},
			"Argo CD's Application whose name the object does not give", "the Git repository of that Application"},
		"a chart's instance label": {"Helm releases have it too", meta.ObjectMeta{Labels: map[string]string{"app.kubernetes.io/instance": "tempo"},
			ManagedFields: wrote("helm", meta.ManagedFieldsOperationUpdate, "")}, "", ""},
		"Argo CD wrote a status": {"a status is not ownership", meta.ObjectMeta{
			ManagedFields: wrote("argocd-controller", meta.ManagedFieldsOperationUpdate, "status")}, "", ""},
		"k3s' deploy controller": {"annotations of its AddOn", meta.ObjectMeta{Annotations: map[string]string{
			"objectset.rio.cattle.io/owner-gvk": "k3s.cattle.io/v1, Kind=Addon", "objectset.rio.cattle.io/owner-name": "traefik-config"}},
			"k3s' AddOn traefik-config", "its manifest file in k3s' auto-deploy folder"},
		"something of k3s that is no AddOn": {"a job of a HelmChart", meta.ObjectMeta{Annotations: map[string]string{
			"objectset.rio.cattle.io/owner-gvk": "helm.cattle.io/v1, Kind=HelmChart", "objectset.rio.cattle.io/owner-name": "traefik"}}, "", ""},
		"kapp": {"the label has the app's number", meta.ObjectMeta{Labels: map[string]string{"kapp.k14s.io/app": "1610567506920108209", "kapp.k14s.io/association": "v1.0342"}},
			"kapp's app with the label kapp.k14s.io/app 1610567506920108209", "the files that kapp deploys"},
		"Rancher Fleet": {"its agent marks what it deploys by Helm", meta.ObjectMeta{Labels: map[string]string{"objectset.rio.cattle.io/hash": "0a1b"},
			Annotations: map[string]string{"objectset.rio.cattle.io/id": "default-tracing-tempo", "meta.helm.sh/release-name": "tempo"}},
			"Rancher Fleet's Bundle default-tracing-tempo", "the Git repository of that Bundle"},
		"a set with an owner": {"k3s' Helm controller makes its Jobs so", meta.ObjectMeta{Annotations: map[string]string{
			"objectset.rio.cattle.io/id": "helm-chart", "objectset.rio.cattle.io/owner-gvk": "helm.cattle.io/v1, Kind=HelmChart"}}, "", ""},
		"copied by somebody": {"the hash alone is left where annotations were removed", meta.ObjectMeta{Labels: map[string]string{"objectset.rio.cattle.io/hash": "0a1b"}}, "", ""},
		"managed by Helm": {"Terraform's Helm provider leaves no mark of its own", meta.ObjectMeta{Labels: map[string]string{"app.kubernetes.io/managed-by": "Helm"},
			Annotations: map[string]string{"meta.helm.sh/release-name": "tempo"}, ManagedFields: wrote("Terraform", meta.ManagedFieldsOperationUpdate, "")}, "", ""},
		"nobody": {"no mark", meta.ObjectMeta{Name: "x"}, "", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			owner := OwnerOf(&tt.object)
			require.Equal(t, Owner{Name: tt.name, Place: tt.place}, owner, tt.reason)
			require.Equal(t, tt.name != "", owner.Foreign())
			require.Equal(t, owner, FirstOwner([]core.ConfigMap{{}, {ObjectMeta: tt.object}}), "among others")
		})
	}
}

func TestOwnerRefusal(t *testing.T) {
	err := Owner{Name: "Flux' HelmRelease flux-system/tempo", Place: "spec.values of that HelmRelease"}.Refusal("release tracing/tempo", "the values", "force: true")
	require.EqualError(t, err, "release tracing/tempo belongs to Flux' HelmRelease flux-system/tempo, which would undo the change")
	require.Equal(t, fault.Conflict, fault.KindOf(err))
	require.Equal(t, "put the values into spec.values of that HelmRelease, or set force: true to change it anyway", fault.HintOf(err))
}

func TestChartBehind(t *testing.T) {
	chart := func(namespace, name, target string) HelmChart {
		chart := HelmChart{ObjectMeta: meta.ObjectMeta{Namespace: namespace, Name: name}}
		chart.Spec.TargetNamespace = target
		return chart
	}
	tests := map[string]struct {
		reason string
		charts []HelmChart
		want   Owner
	}{
		"in another namespace": {"targetNamespace is where the release is", []HelmChart{chart("kube-system", "traefik", ""), chart("kube-system", "tempo", "tracing")},
			Owner{"k3s' HelmChart kube-system/tempo", "a HelmChartConfig of the same name"}},
		"in its own": {"targetNamespace is optional", []HelmChart{chart("tracing", "tempo", "")}, Owner{"k3s' HelmChart tracing/tempo", "a HelmChartConfig of the same name"}},
		"elsewhere":  {"another release of the same name", []HelmChart{chart("tracing", "tempo", "monitoring")}, Owner{}},
		"left alone": {"its controller ignores it", []HelmChart{{ObjectMeta: meta.ObjectMeta{Namespace: "tracing", Name: "tempo",
			Annotations: map[string]string{"helmcharts.helm.cattle.io/unmanaged": "true"}}}}, Owner{}},
		"no chart": {"no k3s", nil, Owner{}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, tt.want, chartBehind(tt.charts, "tracing", "tempo"), tt.reason)
		})
	}
}
