// SPDX-License-Identifier: AGPL-3.0-or-later

package kube_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/picluster/tracing/modules/internal/kube"
)

const pod = `
apiVersion: v1
kind: Pod
metadata:
  name: web
  labels: {app: web, tier: front}
  finalizers: [keep, hold]
spec:
  containers:
  - name: side
    image: proxy:1
  - name: web
    image: web:1
    command: [run, --fast]
    ports:
    - {containerPort: 80, protocol: TCP}
    - {containerPort: 81, protocol: TCP}
  nodeSelector: {arch: arm64}
`

func parsed(t *testing.T, text string) *unstructured.Unstructured {
	t.Helper()
	data, err := yaml.YAMLToJSON([]byte(text))
	require.NoError(t, err)
	object := &unstructured.Unstructured{}
	require.NoError(t, object.UnmarshalJSON(data))
	return object
}

func fields(t *testing.T, text string) kube.Fields {
	t.Helper()
	var set kube.Fields
	require.NoError(t, json.Unmarshal([]byte(text), &set))
	return set
}

func TestFieldsOf(t *testing.T) {
	cases := map[string]struct{ reason, set, want string }{
		"a field":          {"one label of two", `{"f:metadata":{"f:labels":{"f:app":{}}}}`, `{"metadata":{"labels":{"app":"web"}}}`},
		"a list whole":     {"a list without keys is owned as a whole", `{"f:spec":{"f:containers":{"k:{\"name\":\"web\"}":{"f:command":{}}}}}`, `{"spec":{"containers":[{"command":["run","--fast"]}]}}`},
		"an item by key":   {"the other container is not ours", `{"f:spec":{"f:containers":{"k:{\"name\":\"web\"}":{".":{},"f:image":{},"f:name":{}}}}}`, `{"spec":{"containers":[{"image":"web:1","name":"web"}]}}`},
		"an item by keys":  {"a number in a key", `{"f:spec":{"f:containers":{"k:{\"name\":\"web\"}":{"f:ports":{"k:{\"containerPort\":81,\"protocol\":\"TCP\"}":{".":{}}}}}}}`, `{"spec":{"containers":[{"ports":[{"containerPort":81,"protocol":"TCP"}]}]}}`},
		"an item by value": {"a set of texts", `{"f:metadata":{"f:finalizers":{"v:\"hold\"":{}}}}`, `{"metadata":{"finalizers":["hold"]}}`},
		"a map whole":      {"atomic", `{"f:spec":{"f:nodeSelector":{}}}`, `{"spec":{"nodeSelector":{"arch":"arm64"}}}`},
		"missing":          {"the object no longer has the field", `{"f:metadata":{"f:annotations":{"f:gone":{}}}}`, `null`},
		"nothing":          {"an empty set names nothing", `{}`, `null`},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			part, err := json.Marshal(fields(t, test.set).Of(parsed(t, pod)))
			require.NoError(t, err)
			require.JSONEq(t, test.want, string(part), test.reason)
		})
	}
}

func TestFieldsWith(t *testing.T) {
	a := fields(t, `{"f:data":{"f:a":{}},"f:spec":{"f:x":{}}}`)
	b := fields(t, `{"f:data":{".":{},"f:b":{}},"f:spec":{}}`)
	require.Equal(t, fields(t, `{"f:data":{".":{},"f:a":{},"f:b":{}},"f:spec":{}}`), a.With(b))
	require.Equal(t, a, a.With(nil))
	require.Equal(t, a, kube.Fields(nil).With(a))
}

func TestFieldsOfAFieldManager(t *testing.T) {
	object := parsed(t, pod)
	object.SetManagedFields([]meta.ManagedFieldsEntry{
		{Manager: "us", Operation: meta.ManagedFieldsOperationUpdate, FieldsV1: meta.NewFieldsV1(`{"f:spec":{}}`)},
		{Manager: "us", Operation: meta.ManagedFieldsOperationApply, Subresource: "status", FieldsV1: meta.NewFieldsV1(`{"f:status":{}}`)},
		{Manager: "us", Operation: meta.ManagedFieldsOperationApply, FieldsV1: meta.NewFieldsV1(`{"f:metadata":{}}`)},
	})
	require.Equal(t, kube.Fields{"f:metadata": map[string]any{}}, kube.FieldsOf(object, "us"), "the applied fields, not the updated ones")
	require.Nil(t, kube.FieldsOf(object, "them"))
	require.Nil(t, kube.FieldsOf(nil, "us"))
}
