// SPDX-License-Identifier: AGPL-3.0-or-later

package servers

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"

	"sigs.k8s.io/yaml"

	"github.com/picluster/tracing/molecule/lab/internal/kube"
)

// PodObjects are the additional objects of a cluster with a real node: the policy for Helm's pods, the name service, and
// the test application.
func (l Lab) PodObjects() ([]Object, error) {
	var all []Object
	manifests := map[string]any{
		"policy.yaml":  map[string]string{"Node": simulatedNode},
		"coredns.yaml": map[string]string{"Image": coreDNSImage, "Address": clusterDNS},
		"shop.yaml":    map[string]string{"Image": shopImage, "Host": ShopHost},
		"loki.yaml":    map[string]string{"Image": lokiImage, "Shipper": shipperImage},
	}
	for name, values := range manifests {
		objects, err := documents(name, values)
		if err != nil {
			return nil, err
		}
		all = append(all, objects...)
	}
	return all, nil
}

// PolicyWorks tries the policy for the pods of Helm's Jobs in a dry run: the API server takes a moment to apply it.
func (l Lab) PolicyWorks(ctx context.Context, client *kube.Client) error {
	trial := []byte(`{apiVersion: v1, kind: Pod, metadata: {name: trial, labels: {helmcharts.helm.cattle.io/chart: trial}}, spec: {containers: [{name: trial, image: none}]}}`)
	var made struct{ Spec struct{ NodeName string } }
	if err := client.Try(ctx, "/api/v1/namespaces/kube-system/pods/trial", trial, &made); err != nil {
		return err
	}
	if made.Spec.NodeName != simulatedNode {
		return errors.New("a pod of a Helm Job would come to any node")
	}
	return nil
}

// ShopHost is the host name of the test application's Ingress.
const ShopHost = "shop.picluster.example"

// kinds maps the kinds in the lab's manifests to their resources in the API.
var kinds = map[string]string{
	"Namespace": "namespaces", "ServiceAccount": "serviceaccounts", "ConfigMap": "configmaps", "Service": "services", "Deployment": "deployments",
	"ClusterRole": "clusterroles", "ClusterRoleBinding": "clusterrolebindings", "Ingress": "ingresses",
	"MutatingAdmissionPolicy": "mutatingadmissionpolicies", "MutatingAdmissionPolicyBinding": "mutatingadmissionpolicybindings",
}

// documents reads a manifest with several objects.
func documents(name string, values any) ([]Object, error) {
	text, err := render(name, values)
	if err != nil {
		return nil, err
	}
	var objects []Object
	for _, document := range bytes.Split(text, []byte("\n---\n")) {
		path, err := placeOf(document)
		if err != nil {
			return nil, fmt.Errorf("read the lab's manifest %s: %w", name, err)
		}
		objects = append(objects, Object{Path: path, Manifest: document})
	}
	return objects, nil
}

func placeOf(document []byte) (string, error) {
	var head struct {
		APIVersion, Kind string
		Metadata         struct{ Name, Namespace string }
	}
	if err := yaml.Unmarshal(document, &head); err != nil {
		return "", err
	}
	plural := kinds[head.Kind]
	if plural == "" || head.Metadata.Name == "" {
		return "", fmt.Errorf("an object of kind %q without a known place", head.Kind)
	}
	path := "/apis/" + head.APIVersion
	if !strings.Contains(head.APIVersion, "/") {
		path = "/api/" + head.APIVersion
	}
	if head.Metadata.Namespace != "" {
		path += "/namespaces/" + head.Metadata.Namespace
	}
	return path + "/" + plural + "/" + head.Metadata.Name, nil
}
