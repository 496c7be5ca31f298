// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build lab

package datasource_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/picluster/tracing/modules/internal/testkit"
)

// monitoring is the namespace of the lab's Grafana.
const monitoring = "monitoring"

// cluster is a client other than the module's.
func cluster(t *testing.T) kubernetes.Interface {
	t.Helper()
	config, err := clientcmd.BuildConfigFromFlags("", testkit.Env(t, "KUBECONFIG"))
	require.NoError(t, err)
	client, err := kubernetes.NewForConfig(config)
	require.NoError(t, err)
	return client
}

// fileTask is a task that writes a ConfigMap for this organization. Names and
// UIDs are unique to this test, since the objects share a namespace.
func (l *lab) fileTask(options map[string]any) (testkit.Task, string) {
	name := testkit.Name("ds")
	task := l.task(options).With(map[string]any{"via": "configmap", "kubeconfig": testkit.Env(l.t, "KUBECONFIG"), "name": name, "uid": name})
	l.t.Cleanup(func() {
		ctx, client := context.Background(), cluster(l.t)
		_ = client.CoreV1().ConfigMaps(monitoring).Delete(ctx, "grafana-datasource-"+name, meta.DeleteOptions{})
		_ = client.CoreV1().Secrets(monitoring).Delete(ctx, "grafana-datasource-"+name, meta.DeleteOptions{})
	})
	return task, name
}

func TestFourRunsByConfigMap(t *testing.T) {
	tests := map[string]struct {
		reason  string
		options map[string]any
		want    map[string]any
	}{
		"tempo": {"as the seed procedure has it", tempo, map[string]any{}},
		"loki": {"dollar signs are doubled in the file and single in Grafana", loki, map[string]any{"derivedFields": []any{map[string]any{
			"name": "TraceID", "datasourceUid": "tempo", "matcherRegex": `"request_X-B3-Traceid":"(\w+)"`, "url": "${__value.raw}"}}}},
		"testdata": {"a type without options of its own", map[string]any{"ds_type": "grafana-testdata-datasource", "json_data": map[string]any{"a": map[string]any{"b": 1}}},
			map[string]any{"a": map[string]any{"b": 1.0}}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			l, watched := newLab(t), testkit.NewCluster(t)
			task, uid := l.fileTask(tc.options)
			task = task.With(map[string]any{"kubeconfig": watched.Kubeconfig})
			testkit.Changed(t, task.Check(t))
			require.Empty(t, testkit.KubeWrites(watched.Requests()), "a check writes nothing")
			result := testkit.FourRuns(t, task)
			require.Len(t, testkit.KubeWrites(watched.Requests()), 1, "the second run wrote nothing")
			require.Equal(t, "configmap", result["via"])
			require.Equal(t, "ConfigMap monitoring/grafana-datasource-"+uid, result["object"])
			found := l.source(uid)
			require.Equal(t, tc.want, found["jsonData"], tc.reason)
			require.Equal(t, true, found["readOnly"])
			require.Empty(t, testkit.Writes(l.proxy.Requests()), "nothing is written through the API")

			gone := task.With(map[string]any{"state": "absent"})
			testkit.FourRuns(t, gone)
			status, _ := l.api("GET", "/api/datasources/uid/"+uid, nil)
			require.Equal(t, 404, status)
			_, err := cluster(t).CoreV1().ConfigMaps(monitoring).Get(context.Background(), "grafana-datasource-"+uid, meta.GetOptions{})
			require.Error(t, err, "the file is gone too")
		})
	}
}

func TestUnchangedConfigMapTakesOneGrafanaRequest(t *testing.T) {
	l := newLab(t)
	task, uid := l.fileTask(tempo)
	testkit.Changed(t, task.Apply(t))
	l.proxy.Requests()
	testkit.Unchanged(t, task.Apply(t))
	require.Equal(t, []string{"GET /api/datasources/uid/" + uid}, l.proxy.Requests())
}

func TestConfigMapWithoutTheAPI(t *testing.T) {
	l := newLab(t)
	task, uid := l.fileTask(loki)
	task = task.With(map[string]any{"grafana_url": nil, "via": "auto"})
	testkit.FourRuns(t, task)
	require.Eventually(t, func() bool {
		status, _ := l.api("GET", "/api/datasources/uid/"+uid, nil)
		return status == 200
	}, 2*time.Minute, 200*time.Millisecond)
	result := testkit.FourRuns(t, task.With(map[string]any{"state": "absent"}))
	require.Contains(t, result["warnings"].([]any)[0], "stays, as it tells Grafana to remove the data source")
	require.Eventually(t, func() bool {
		status, _ := l.api("GET", "/api/datasources/uid/"+uid, nil)
		return status == 404
	}, 2*time.Minute, 200*time.Millisecond)
}

func TestSecretsAreStoredInASecret(t *testing.T) {
	l := newLab(t)
	task, uid := l.fileTask(tempo)
	testkit.Changed(t, task.Apply(t))
	secret := task.With(map[string]any{"basic_auth_user": "u", "basic_auth_password": testkit.Secret() + "$x"})
	result := testkit.FourRuns(t, secret)
	require.Equal(t, "Secret monitoring/grafana-datasource-"+uid, result["object"], "the ConfigMap became a Secret")
	require.Equal(t, map[string]any{"basicAuthPassword": true}, l.source(uid)["secureJsonFields"])
	rotated := secret.With(map[string]any{"basic_auth_password": testkit.Secret()})
	before, after := testkit.Diff(t, testkit.Changed(t, rotated.Check(t)))
	require.Contains(t, before, "basicAuthPassword: '*** (before)'")
	require.Contains(t, after, "basicAuthPassword: '*** (after)'")
	testkit.FourRuns(t, rotated)
	testkit.Unchanged(t, rotated.With(map[string]any{"basic_auth_password": nil, "basic_auth_user": nil}).Apply(t))
}

func TestRenameByConfigMap(t *testing.T) {
	l := newLab(t)
	task, uid := l.fileTask(tempo)
	testkit.Changed(t, task.Apply(t))
	testkit.FourRuns(t, task.With(map[string]any{"name": uid + " renamed"}))
	require.Equal(t, uid+" renamed", l.source(uid)["name"])
}

func TestForeignProvisioningFileIsRefused(t *testing.T) {
	l := newLab(t)
	task, uid := l.fileTask(loki)
	ctx, client := context.Background(), cluster(t).CoreV1().ConfigMaps(monitoring)
	theirs := &core.ConfigMap{
		ObjectMeta: meta.ObjectMeta{Name: "kps-grafana-datasource-" + uid, Labels: map[string]string{"grafana_datasource": "1"},
			Annotations: map[string]string{"meta.helm.sh/release-name": "kube-prometheus-stack"}},
		Data: map[string]string{"theirs-" + uid + ".yaml": "apiVersion: 1\ndatasources: [{name: " + uid + ", uid: " + uid + ", type: loki, url: http://theirs, orgId: " + jsonInt(l.orgID) + "}]\n"},
	}
	_, err := client.Create(ctx, theirs, meta.CreateOptions{})
	require.NoError(t, err)
	t.Cleanup(func() { _ = client.Delete(ctx, theirs.Name, meta.DeleteOptions{}) })
	require.Eventually(t, func() bool {
		status, _ := l.api("GET", "/api/datasources/uid/"+uid, nil)
		return status == 200
	}, 2*time.Minute, 200*time.Millisecond)

	from := "it comes from ConfigMap monitoring/kps-grafana-datasource-" + uid + ", key theirs-" + uid + ".yaml,"
	put := "; put this under grafana.additionalDataSources in the values of kube-prometheus-stack, in place of the entry with its name:\n" + strings.NewReplacer("UID", uid, "ORG", jsonInt(l.orgID)).Replace(`- access: proxy
  editable: false
  jsonData:
    derivedFields:
    - datasourceUid: tempo
      matcherRegex: '"request_X-B3-Traceid":"(\w+)"'
      name: TraceID
      url: $${__value.raw}
  name: UID
  orgId: ORG
  type: loki
  uid: UID
  url: http://loki-gateway.logging.svc.cluster.local
`)
	for _, via := range []string{"api", "auto"} {
		result := task.With(map[string]any{"via": via}).Apply(t)
		require.Equal(t, "conflict: update data source "+uid+": "+from+" and differs in jsonData, url"+put, testkit.Failed(t, result))
		require.Equal(t, "change the values of the Helm release kube-prometheus-stack (grafana.additionalDataSources), or take it out there", result["hint"])
	}
	result := task.Apply(t)
	require.Equal(t, "conflict: provision data source "+uid+": "+from+" already"+put, testkit.Failed(t, result))
	require.Empty(t, testkit.Writes(l.proxy.Requests()))

	same := task.With(map[string]any{"via": "api", "loki": nil, "ds_type": "loki", "ds_url": "http://theirs"})
	testkit.Unchanged(t, same.Apply(t))
}

func TestAutoKeepsTheProvisioningMethod(t *testing.T) {
	l := newLab(t)
	task, uid := l.fileTask(tempo)
	testkit.Changed(t, task.Apply(t))
	auto := task.With(map[string]any{"via": "auto", "json_data": map[string]any{"nodeGraph": map[string]any{"enabled": true}}})
	result := testkit.FourRuns(t, auto)
	require.Equal(t, "configmap", result["via"])
	require.Equal(t, map[string]any{"nodeGraph": map[string]any{"enabled": true}}, l.settings(uid))
	testkit.FourRuns(t, auto.With(map[string]any{"state": "absent"}))
}

func TestForeignObjectIsNotOverwritten(t *testing.T) {
	l := newLab(t)
	task, uid := l.fileTask(tempo)
	ctx, client := context.Background(), cluster(t).CoreV1().ConfigMaps(monitoring)
	_, err := client.Create(ctx, &core.ConfigMap{ObjectMeta: meta.ObjectMeta{Name: "grafana-datasource-" + uid}, Data: map[string]string{"a": "b"}}, meta.CreateOptions{})
	require.NoError(t, err)
	require.Equal(t, "conflict: write ConfigMap monitoring/grafana-datasource-"+uid+": it exists and was not made by this module", testkit.Failed(t, task.Apply(t)))
}

func TestProvisioningAdoptsADataSourceOfTheAPI(t *testing.T) {
	l := newLab(t)
	task, uid := l.fileTask(tempo)
	status, _ := l.api("POST", "/api/datasources", map[string]any{"name": uid, "uid": uid, "type": "tempo", "access": "proxy", "url": "http://old",
		"jsonData": map[string]any{"theirs": 1}, "secureJsonData": map[string]string{"lost": "x"}})
	require.Equal(t, 200, status)
	result := testkit.FourRuns(t, task)
	require.Contains(t, result["warnings"], "the secret lost of data source "+uid+" is lost, since a provisioning file replaces them all: give it in secure_json_data")
	require.Equal(t, map[string]any{"theirs": 1.0}, l.settings(uid), "settings are adopted")
}

func TestConflictsThatWouldStopGrafana(t *testing.T) {
	l := newLab(t)
	first, uid := l.fileTask(tempo)
	testkit.Changed(t, first.With(map[string]any{"is_default": true}).Apply(t))
	second, _ := l.fileTask(tempo)
	require.Contains(t, testkit.Failed(t, second.With(map[string]any{"is_default": true}).Apply(t)), "the default: "+uid+" is it already")
	require.Contains(t, testkit.Failed(t, second.With(map[string]any{"uid": uid, "configmap_name": testkit.Name("other")}).Apply(t)),
		"provision data source "+uid+": it comes from ConfigMap monitoring/grafana-datasource-"+uid)
	status, _ := l.api("POST", "/api/datasources", map[string]any{"name": "By API", "uid": "by-api", "type": "tempo", "access": "proxy", "url": "http://old"})
	require.Equal(t, 200, status)
	require.Contains(t, testkit.Failed(t, second.With(map[string]any{"uid": "by-api"}).Apply(t)), "the uid by-api is that of data source By API")
	require.Contains(t, testkit.Failed(t, second.With(map[string]any{"name": "By API"}).Apply(t)), "the name is taken by the data source with uid by-api")
}

func TestGrafanaThatDoesNotLoadTheFile(t *testing.T) {
	l := newLab(t)
	task, uid := l.fileTask(tempo)
	hidden := task.With(map[string]any{"configmap_label": "nobody_looks_for=1", "timeout": "3s"})
	result := hidden.Apply(t)
	require.Equal(t, "timeout: load data source "+uid+": wait for Grafana to load ConfigMap monitoring/grafana-datasource-"+uid+": timed out: the data source does not exist yet", testkit.Failed(t, result))
	require.Equal(t, []any{"create datasource/" + uid}, result["done"])
}

func TestURLIsDiscoveredInTheCluster(t *testing.T) {
	ctx, client := context.Background(), cluster(t).CoreV1()
	namespace := testkit.Name("logging")
	_, err := client.Namespaces().Create(ctx, &core.Namespace{ObjectMeta: meta.ObjectMeta{Name: namespace}}, meta.CreateOptions{})
	require.NoError(t, err)
	t.Cleanup(func() { _ = client.Namespaces().Delete(ctx, namespace, meta.DeleteOptions{}) })
	l := newLab(t)
	task := l.task(loki).With(map[string]any{"ds_url": nil, "kubeconfig": testkit.Env(t, "KUBECONFIG")})
	failed := task.Apply(t)
	require.Equal(t, "not_found: create data source loki without ds_url: no release in the cluster answers queries", testkit.Failed(t, failed))
	require.Equal(t, "give ds_url, or kubeconfig so that it can be looked for", failed["hint"])

	labels := map[string]string{"app.kubernetes.io/name": "loki", "app.kubernetes.io/instance": "loki", "app.kubernetes.io/component": "gateway"}
	gateway := &core.Service{ObjectMeta: meta.ObjectMeta{Name: "loki-gateway", Labels: labels}, Spec: core.ServiceSpec{Ports: []core.ServicePort{{Name: "http", Port: 80}}}}
	_, err = client.Services(namespace).Create(ctx, gateway, meta.CreateOptions{})
	require.NoError(t, err)
	t.Cleanup(func() { _ = client.Services(namespace).Delete(ctx, "loki-gateway", meta.DeleteOptions{}) })
	testkit.FourRuns(t, task)
	require.Equal(t, "http://loki-gateway."+namespace+".svc.cluster.local", l.source("loki")["url"])
}
