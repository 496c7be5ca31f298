// SPDX-License-Identifier: AGPL-3.0-or-later

package kube

import (
	"context"
	"encoding/json"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
)

// HelmChart is what this program reads of k3s' kind of that name
// (k3s-io/helm-controller, pkg/apis/helm.cattle.io/v1/types.go, v0.17.9).
type HelmChart struct {
	meta.ObjectMeta `json:"metadata"`
	Spec            struct {
		Chart           string                        `json:"chart"`
		Version         string                        `json:"version"`
		Repo            string                        `json:"repo"`
		TargetNamespace string                        `json:"targetNamespace"`
		ValuesContent   string                        `json:"valuesContent"`
		Values          map[string]any                `json:"values"`
		Set             map[string]intstr.IntOrString `json:"set"`
		ChartContent    string                        `json:"chartContent"`
	} `json:"spec"`
}

// HelmChartConfig is the user's addition to the HelmChart of the same name.
type HelmChartConfig struct {
	meta.ObjectMeta `json:"metadata"`
	Spec            struct {
		ValuesContent string         `json:"valuesContent"`
		Values        map[string]any `json:"values"`
		ValuesSecrets []struct {
			Name string `json:"name"`
		} `json:"valuesSecrets"`
		FailurePolicy string `json:"failurePolicy"`
	} `json:"spec"`
}

// HelmCharts reads and writes the kinds of k3s' Helm controller.
type HelmCharts struct{ rest rest.Interface }

const (
	helmGroup = "/apis/helm.cattle.io/v1"
	addons    = "/apis/k3s.cattle.io/v1/namespaces/kube-system/addons/"
	manager   = "picluster.tracing"
)

// HelmCharts makes the client for k3s' kinds.
func (c Clients) HelmCharts() (HelmCharts, error) {
	config := rest.CopyConfig(c.Config)
	config.GroupVersion = &schema.GroupVersion{Group: "helm.cattle.io", Version: "v1"}
	config.NegotiatedSerializer = scheme.Codecs.WithoutConversion()
	client, err := rest.UnversionedRESTClientFor(config)
	return HelmCharts{client}, err
}

// List returns the HelmCharts of all namespaces, none if the cluster lacks the
// kind.
func (h HelmCharts) List(ctx context.Context) ([]HelmChart, error) {
	var list struct{ Items []HelmChart }
	_, err := h.get(ctx, helmGroup+"/helmcharts", &list)
	return list.Items, chartFault("list HelmCharts", access{"list", "helmcharts", ""}, err)
}

// Config returns the HelmChartConfig, or nil when there is none.
func (h HelmCharts) Config(ctx context.Context, namespace, name string) (*HelmChartConfig, error) {
	var config HelmChartConfig
	found, err := h.get(ctx, configPath(namespace, name), &config)
	if err != nil || !found {
		return nil, chartFault(fmt.Sprintf("read HelmChartConfig %s/%s", namespace, name), access{"get", "helmchartconfigs", namespace}, err)
	}
	return &config, nil
}

// AddonSource returns the manifest file behind an AddOn of k3s' deploy
// controller, "" when it is not known.
func (h HelmCharts) AddonSource(ctx context.Context, name string) (string, error) {
	var addon struct{ Spec struct{ Source string } }
	_, err := h.get(ctx, addons+name, &addon)
	return addon.Spec.Source, Fault("read AddOn "+name, err)
}

// DryRunConfig asks the API server whether it would take what CreateConfig or, where the
// object exists, PatchConfig sends.
func (h HelmCharts) DryRunConfig(ctx context.Context, namespace, name string, exists bool, patch map[string]any) error {
	if exists {
		return h.patchConfig(ctx, namespace, name, patch, dryRun)
	}
	return h.createConfig(ctx, namespace, name, patch, dryRun)
}

// keep stores what is sent, and dryRun only checks it.
const (
	keep   = ""
	dryRun = meta.DryRunAll
)

// as is a request that keeps what is sent, or not.
func as(request *rest.Request, mode string) *rest.Request {
	request = request.Param("fieldManager", manager)
	if mode == keep {
		return request
	}
	return request.Param("dryRun", mode)
}

// CreateConfig creates a HelmChartConfig.
func (h HelmCharts) CreateConfig(ctx context.Context, namespace, name string, patch map[string]any) error {
	return h.createConfig(ctx, namespace, name, patch, keep)
}

func (h HelmCharts) createConfig(ctx context.Context, namespace, name string, patch map[string]any, mode string) error {
	body := map[string]any{"apiVersion": "helm.cattle.io/v1", "kind": "HelmChartConfig", "spec": patch["spec"],
		"metadata": withName(patch["metadata"], name)}
	data, err := json.Marshal(body)
	if err != nil {
		return err
	}
	err = as(h.rest.Post(), mode).AbsPath(configsPath(namespace)).Body(data).Do(ctx).Error()
	return chartFault(fmt.Sprintf("create HelmChartConfig %s/%s", namespace, name), access{"create", "helmchartconfigs", namespace}, err)
}

func withName(metadata any, name string) map[string]any {
	named := map[string]any{"name": name}
	fields, _ := metadata.(map[string]any)
	for key, value := range fields {
		named[key] = value
	}
	return named
}

// PatchConfig changes a HelmChartConfig by a JSON merge patch. A patch with the
// resourceVersion that was read fails if it has changed since.
func (h HelmCharts) PatchConfig(ctx context.Context, namespace, name string, patch map[string]any) error {
	return h.patchConfig(ctx, namespace, name, patch, keep)
}

func (h HelmCharts) patchConfig(ctx context.Context, namespace, name string, patch map[string]any, mode string) error {
	data, err := json.Marshal(patch)
	if err != nil {
		return err
	}
	err = as(h.rest.Patch(types.MergePatchType), mode).AbsPath(configPath(namespace, name)).Body(data).Do(ctx).Error()
	return chartFault(fmt.Sprintf("update HelmChartConfig %s/%s", namespace, name), access{"patch", "helmchartconfigs", namespace}, err)
}

// DeleteConfig deletes a HelmChartConfig unless it has changed since it was read. It
// is no error if it is already gone.
func (h HelmCharts) DeleteConfig(ctx context.Context, namespace, name, resourceVersion string) error {
	options := meta.DeleteOptions{TypeMeta: meta.TypeMeta{APIVersion: "v1", Kind: "DeleteOptions"},
		Preconditions: &meta.Preconditions{ResourceVersion: &resourceVersion}}
	data, err := json.Marshal(options)
	if err != nil {
		return err
	}
	err = h.rest.Delete().AbsPath(configPath(namespace, name)).Body(data).Do(ctx).Error()
	if apierrors.IsNotFound(err) {
		return nil
	}
	return chartFault(fmt.Sprintf("delete HelmChartConfig %s/%s", namespace, name), access{"delete", "helmchartconfigs", namespace}, err)
}

// AnnotateChart sets an annotation of a HelmChart.
func (h HelmCharts) AnnotateChart(ctx context.Context, namespace, name, key, value string) error {
	data, err := json.Marshal(map[string]any{"metadata": map[string]any{"annotations": map[string]any{key: value}}})
	if err != nil {
		return err
	}
	path := helmGroup + "/namespaces/" + namespace + "/helmcharts/" + name
	err = h.rest.Patch(types.MergePatchType).AbsPath(path).Param("fieldManager", manager).Body(data).Do(ctx).Error()
	return chartFault(fmt.Sprintf("annotate HelmChart %s/%s", namespace, name), access{"patch", "helmcharts", namespace}, err)
}

func (h HelmCharts) get(ctx context.Context, path string, into any) (found bool, err error) {
	data, err := h.rest.Get().AbsPath(path).Do(ctx).Raw()
	if apierrors.IsNotFound(err) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, json.Unmarshal(data, into)
}

func configsPath(namespace string) string {
	return helmGroup + "/namespaces/" + namespace + "/helmchartconfigs"
}

func configPath(namespace, name string) string { return configsPath(namespace) + "/" + name }
