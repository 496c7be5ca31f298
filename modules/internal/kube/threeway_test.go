// SPDX-License-Identifier: AGPL-3.0-or-later

package kube_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	apps "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/yaml"

	"github.com/picluster/tracing/modules/internal/kube"
)

func object(t *testing.T, text string) *unstructured.Unstructured {
	t.Helper()
	made := &unstructured.Unstructured{}
	require.NoError(t, yaml.Unmarshal([]byte(text), &made.Object))
	return made
}

// asListed is an object as typed clients receive it, in Protocol Buffers.
func asListed(t *testing.T, shown *unstructured.Unstructured) *unstructured.Unstructured {
	t.Helper()
	var sent, got apps.StatefulSet
	require.NoError(t, runtime.DefaultUnstructuredConverter.FromUnstructured(shown.Object, &sent))
	data, err := sent.Marshal()
	require.NoError(t, err)
	require.NoError(t, got.Unmarshal(data))
	listed, err := kube.Unstructured(got, "apps/v1", "StatefulSet")
	require.NoError(t, err)
	return listed
}

const claims = `
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: tempo, namespace: tracing}
spec:
  replicas: 1
  serviceName: tempo
  selector: {matchLabels: {app: tempo}}
  template:
    metadata: {labels: {app: tempo}}
    spec: {containers: [{name: tempo, image: grafana/tempo, args: [], resources: {requests: {cpu: "1000m"}}}]}
  volumeClaimTemplates:
  - apiVersion: v1
    kind: PersistentVolumeClaim
    metadata: {name: data}
    spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
`

// The API server shows apiVersion and kind of a claim template in JSON only, whether
// or not the manifest has them (kubernetes pkg/apis/apps/v1/conversion.go).
func TestEmbeddedTypeMetaIsNoDifference(t *testing.T) {
	shown := object(t, claims)
	listed := asListed(t, shown)
	require.NotEqual(t, shown.Object["spec"], listed.Object["spec"], "the two decodings differ")
	require.Empty(t, kube.Differences(listed, shown))
	bare := shown.DeepCopy()
	list, _, err := unstructured.NestedSlice(bare.Object, "spec", "volumeClaimTemplates")
	require.NoError(t, err)
	delete(list[0].(map[string]any), "apiVersion")
	delete(list[0].(map[string]any), "kind")
	require.NoError(t, unstructured.SetNestedSlice(bare.Object, list, "spec", "volumeClaimTemplates"))
	for name, manifest := range map[string]*unstructured.Unstructured{"with": shown, "without": bare} {
		for name2, live := range map[string]*unstructured.Unstructured{"in JSON": shown, "in Protocol Buffers": listed} {
			patch, err := kube.ThreeWay(manifest, manifest, live)
			require.NoError(t, err)
			require.True(t, patch.Empty(), "%s, %s", name, name2)
		}
	}
}

// What the API server fills in, or stores in another form, is no difference;
// another value is one.
func TestDifferencesAsStored(t *testing.T) {
	cases := map[string]struct {
		reason  string
		a, b    string
		differs []string
	}{
		"a claim's size": {"the volume of a StatefulSet",
			"{apiVersion: apps/v1, kind: StatefulSet, spec: {volumeClaimTemplates: [{apiVersion: v1, kind: PersistentVolumeClaim, spec: {resources: {requests: {storage: 1Gi}}}}]}}",
			"{apiVersion: apps/v1, kind: StatefulSet, spec: {volumeClaimTemplates: [{spec: {resources: {requests: {storage: 2Gi}}}}]}}",
			[]string{"spec.volumeClaimTemplates[0].spec.resources.requests.storage"}},
		"an equal size": {"1024Mi is 1Gi",
			"{apiVersion: apps/v1, kind: StatefulSet, spec: {volumeClaimTemplates: [{spec: {resources: {requests: {storage: 1024Mi}}}}]}}",
			"{apiVersion: apps/v1, kind: StatefulSet, spec: {volumeClaimTemplates: [{spec: {resources: {requests: {storage: 1Gi}}}}]}}", nil},
		"a CronJob's templates": {"a template within a template, each with metadata",
			"{apiVersion: batch/v1, kind: CronJob, spec: {jobTemplate: {metadata: {creationTimestamp: null}, spec: {template: {metadata: {creationTimestamp: null, labels: {a: b}}, spec: {containers: []}}}}}}",
			"{apiVersion: batch/v1, kind: CronJob, spec: {jobTemplate: {spec: {template: {metadata: {labels: {a: b}}, spec: {}}}}}}", nil},
		"a CronJob's image": {"within the same nested template",
			"{apiVersion: batch/v1, kind: CronJob, spec: {jobTemplate: {spec: {template: {spec: {containers: [{name: a, image: one}]}}}}}}",
			"{apiVersion: batch/v1, kind: CronJob, spec: {jobTemplate: {spec: {template: {spec: {containers: [{name: a, image: two}]}}}}}}",
			[]string{"spec.jobTemplate.spec.template.spec.containers[0].image"}},
		"an ephemeral volume": {"it has a claim template too",
			"{apiVersion: apps/v1, kind: Deployment, spec: {template: {spec: {volumes: [{name: a, ephemeral: {volumeClaimTemplate: {metadata: {creationTimestamp: null}, spec: {resources: {requests: {storage: 1024Mi}}}}}}]}}}}",
			"{apiVersion: apps/v1, kind: Deployment, spec: {template: {spec: {volumes: [{name: a, ephemeral: {volumeClaimTemplate: {spec: {resources: {requests: {storage: 1Gi}}}}}}]}}}}", nil},
		"custom resource": {"stored as JSON, so every field counts",
			"{apiVersion: example.com/v1, kind: Widget, spec: {template: {apiVersion: v1, kind: Pod}, list: []}}",
			"{apiVersion: example.com/v1, kind: Widget, spec: {template: {kind: Pod}, list: []}}",
			[]string{"spec.template.apiVersion"}},
		"what does not fit its kind": {"compared as text",
			"{apiVersion: v1, kind: Service, spec: {ports: x}}", "{apiVersion: v1, kind: Service, spec: {ports: y}}", []string{"spec.ports"}},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			found := kube.Differences(object(t, test.a), object(t, test.b))
			var fields []string
			for field := range found {
				fields = append(fields, field)
			}
			require.Equal(t, test.differs, fields, test.reason)
		})
	}
}
