// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build lab

package tempohelm_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/picluster/tracing/modules/internal/testkit"
)

// The chart of the written procedure, upgraded up to the last one without
// Kafka. The query port changes on the way, and the memcached Service cannot be
// changed in place.
func TestUpgradePath(t *testing.T) {
	lab := newLab(t)
	query := "http://tempo-query-frontend." + lab.namespace + ".svc.cluster.local:"
	steps := []struct{ version, query string }{
		{"0.27.9", query + "3100"}, {"1.40.0", query + "3100"}, {"1.41.0", query + "3200"}, {"2.26.2", query + "3200"},
	}
	for i, step := range steps {
		task := lab.distributed(t, step.version, map[string]any{"resources": "raspberrypi", "receivers": []any{"otlp_grpc", "otlp_http", "zipkin"}})
		result := testkit.Changed(t, task.Apply(t))
		released(t, result, "tempo-distributed-"+step.version, i+1)
		require.Equal(t, step.query, endpoint(result, "query"), "read from the Service")
		testkit.Unchanged(t, task.Apply(t))
		lab.ready(t, 4, 2)
		require.Equal(t, "tempo-distributed-"+step.version, lab.newest(t).chart)
	}
	memcached, err := lab.client.CoreV1().Services(lab.namespace).Get(t.Context(), "tempo-memcached", meta.GetOptions{})
	require.NoError(t, err)
	require.Equal(t, "None", memcached.Spec.ClusterIP, "the current chart makes it headless")
}

// What cannot work is refused before anything is written, and the running
// release continues.
func TestRefusalsLeaveTheReleaseAlone(t *testing.T) {
	lab := newLab(t)
	options := map[string]any{"resources": "raspberrypi"}
	installed := lab.distributed(t, "2.26.2", options)
	testkit.Changed(t, installed.Apply(t))
	before := lab.objects(t)
	cases := map[string]struct {
		reason  string
		version string
		change  map[string]any
		want    string
	}{
		"3.x":             {"it stores nothing without a broker", "3.3.0", nil, "unsupported: chart tempo-distributed-3.3.0: Tempo 3 in microservices mode stores nothing without a Kafka broker"},
		"a range to 3.x":  {"the version is known only after reading the index", ">=3.0.0", nil, "unsupported: chart tempo-distributed-3.3.0: Tempo 3 in microservices mode stores nothing without a Kafka broker"},
		"opencensus":      {"the receiver is gone", "2.26.2", map[string]any{"receivers": []any{"opencensus"}}, "unsupported: chart tempo-distributed-2.26.2: Tempo 2.10.7 has no OpenCensus receiver"},
		"image of 3":      {"its configuration differs", "2.26.2", map[string]any{"image_tag": "3.0.3"}, "unsupported: chart tempo-distributed-2.26.2 writes the configuration of Tempo 2.10.7"},
		"too many copies": {"no spans would be accepted", "2.26.2", map[string]any{"replication_factor": 3}, "unsupported: 1 ingesters cannot keep 3 copies of a span"},
		"too many pods":   {"two may not share a node, and there are three", "2.26.2", map[string]any{"replicas": map[string]any{"querier": 9}}, "unsupported: 9 pods of deployment/tempo-querier, of which no two may share a node, do not fit on 3 nodes"},
		"no such node":    {"its pods would wait forever", "2.26.2", map[string]any{"node_selector": map[string]any{"kubernetes.io/arch": "riscv64"}}, "unsupported: no node fits deployment/tempo-"},
		"a typo":          {"the charts have no schema", "2.26.2", map[string]any{"strict_values": true, "values": map[string]any{"querrier": map[string]any{"replicas": 2}}}, "usage: values for chart tempo-distributed-2.26.2: unknown key querrier (did you mean querier?)"},
		"no such version": {"the index has others", "2.26.3", nil, "not_found: load chart tempo-distributed 2.26.3 from "},
		"no such Secret":  {"the user's own Secret must exist", "2.26.2", map[string]any{"s3": s3(map[string]any{"access_key": nil, "secret_key": nil, "existing_secret": "mine"})}, "not_found: secret mine of s3.existing_secret does not exist"},
	}
	for name, test := range cases {
		lab.Requests()
		result := lab.distributed(t, test.version, options).With(test.change).Apply(t)
		require.Contains(t, testkit.Failed(t, result), test.want, "%s: %s", name, test.reason)
		require.NotEmpty(t, result["hint"], name)
		require.Empty(t, testkit.KubeWrites(lab.Requests()), name)
	}
	require.Equal(t, before, lab.objects(t))
	testkit.Unchanged(t, installed.Apply(t))
}

// objects are the resource versions of all objects of the release: a write
// changes them.
func (l lab) objects(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	secrets, err := l.client.CoreV1().Secrets(l.namespace).List(t.Context(), meta.ListOptions{})
	require.NoError(t, err)
	for _, o := range secrets.Items {
		found["secret/"+o.Name] = o.ResourceVersion
	}
	services, err := l.client.CoreV1().Services(l.namespace).List(t.Context(), meta.ListOptions{})
	require.NoError(t, err)
	for _, o := range services.Items {
		found["service/"+o.Name] = o.ResourceVersion
	}
	configs, err := l.client.CoreV1().ConfigMaps(l.namespace).List(t.Context(), meta.ListOptions{})
	require.NoError(t, err)
	for _, o := range configs.Items {
		found["configmap/"+o.Name] = o.ResourceVersion
	}
	deployments, err := l.client.AppsV1().Deployments(l.namespace).List(t.Context(), meta.ListOptions{})
	require.NoError(t, err)
	for _, o := range deployments.Items {
		found["deployment/"+o.Name] = string(o.UID)
	}
	return found
}
