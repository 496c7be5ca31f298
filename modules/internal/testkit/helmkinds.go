// SPDX-License-Identifier: AGPL-3.0-or-later

package testkit

// HelmKinds define the kinds of k3s' Helm controller, by name, with as much
// schema as tests against an API server alone need.
var HelmKinds = map[string]string{"HelmChart": `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: helmcharts.helm.cattle.io}
spec:
  group: helm.cattle.io
  scope: Namespaced
  names: {plural: helmcharts, singular: helmchart, kind: HelmChart}
  versions:
  - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}
`, "HelmChartConfig": `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: helmchartconfigs.helm.cattle.io}
spec:
  group: helm.cattle.io
  scope: Namespaced
  names: {plural: helmchartconfigs, singular: helmchartconfig, kind: HelmChartConfig}
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            properties: {valuesContent: {type: string}, failurePolicy: {type: string, enum: [reinstall, abort]}}
`}
