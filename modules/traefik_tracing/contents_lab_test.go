//go:build lab

// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/testkit"
)

// seedAuthor is the HelmChartConfig of the seed's author: access log to a file
// with a sidecar that prints it, extra arguments, Linkerd.
const seedAuthor = `additionalArguments:
  - "--metrics.prometheus=true"
  - "--accesslog"
  - "--accesslog.format=json"
  - "--accesslog.filepath=/data/access.log"
deployment:
  podAnnotations:
    linkerd.io/inject: ingress
    config.linkerd.io/skip-outbound-ports: "443"
  additionalContainers:
    - name: stream-accesslog
      image: busybox
      args:
      - /bin/sh
      - -c
      - tail -n+1 -F /data/access.log
      imagePullPolicy: Always
      resources: {}
      volumeMounts:
      - mountPath: /data
        name: data
service:
  spec:
    loadBalancerIP: 10.0.0.111
`

// What a user has written stays: four runs, the user's lines still there, and
// exactly the same bytes after absent.
func TestContentsOfUsers(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		reason  string
		version string
		content string
		keeps   []string
	}{
		"comments": {"comments above, beside and below", "39.0.701+up39.0.7",
			"# our edge\n\nlogs:\n  general:\n    level: WARN # less noise\n# the end\n",
			[]string{"# our edge", "level: WARN # less noise", "# the end"}},
		"anchors": {"an anchor that is used twice, once where a setting goes", "41.3.0",
			"accessLog: &log\n  enabled: false\n  bufferingSize: 100\nextraObjects: []\ntracing:\n  addInternals: false\n",
			[]string{"bufferingSize: 100", "addInternals: false"}},
		"lists": {"the user's arguments, variables and tolerations stay in their lists", "39.0.701+up39.0.7",
			"additionalArguments:\n- --providers.kubernetesingress.ingressclass=edge\n- --accesslog.format=common\nenv:\n- name: TZ\n  value: Europe/Madrid\n- name: OTEL_PROPAGATORS\n  value: b3\ntolerations:\n- operator: Exists\n",
			[]string{"- --providers.kubernetesingress.ingressclass=edge", "- --accesslog.format=json", "- name: TZ", "- operator: Exists"}},
		"chosen fields": {"the user has chosen which fields are logged: the choice is kept, the ID is added", "41.3.0",
			"accessLog:\n  fields:\n    defaultMode: drop\n    names:\n      RequestHost: keep\n",
			[]string{"    defaultMode: drop\n", "      RequestHost: keep\n", "      trace_id: keep\n"}},
		"windows": {"Windows line ends", "39.0.701+up39.0.7",
			"# ours\r\nlogs:\r\n  general:\r\n    level: WARN\r\n",
			[]string{"# ours\r\n", "    level: WARN\r\n"}},
		"empty": {"an empty string", "39.0.701+up39.0.7", "", nil},
		"seed's author, v2": {"a file, a sidecar, arguments, Linkerd", "20.3.1+up20.3.0", seedAuthor,
			[]string{`- "--metrics.prometheus=true"`, `- "--accesslog.filepath=/data/access.log"`, "linkerd.io/inject: ingress", "name: stream-accesslog"}},
		"seed's author, v3": {"the same after k3s has moved to Traefik v3", "39.0.701+up39.0.7", seedAuthor,
			[]string{`- "--metrics.prometheus=true"`, `- "--accesslog.filepath=/data/access.log"`, "linkerd.io/inject: ingress", "name: stream-accesslog"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			l.install(t, c.version, "", &c.content)

			testkit.FourRuns(t, l.task(nil))
			config := l.config(t)
			for _, kept := range c.keeps {
				require.Contains(t, config.Spec.ValuesContent, kept, c.reason)
			}
			require.Equal(t, "abort", config.Spec.FailurePolicy)

			testkit.FourRuns(t, l.task(map[string]any{"state": "absent"}))
			config = l.config(t)
			require.Equal(t, c.content, config.Spec.ValuesContent, c.reason)
			require.Equal(t, "reinstall", config.Spec.FailurePolicy, "the default policy of the cluster")
			require.Empty(t, config.Annotations)
		})
	}
}

// A value of the user's in the diff would be a leak: only owned ones are shown.
func TestDiffShowsOwnedValuesOnly(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	secret := testkit.Secret()
	content := "env:\n- name: CF_DNS_API_TOKEN\n  value: " + secret + "\nlogs:\n  access:\n    enabled: false\n"
	l.install(t, "39.0.701+up39.0.7", "", &content)

	before, after := testkit.Diff(t, testkit.Changed(t, l.task(nil).Apply(t)))
	require.Contains(t, before, "logs.access.enabled: false")
	require.Contains(t, after, "logs.access.enabled: true")
	require.NotContains(t, before+after, "CF_DNS_API_TOKEN")
	testkit.Changed(t, l.task(map[string]any{"state": "absent"}).Apply(t))
	require.Equal(t, content, l.config(t).Spec.ValuesContent)
}

// What cannot be read or would be refused is reported, and nothing is written.
func TestErrorsLeaveTheObjectUntouched(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		version string
		chart   string
		content string
		options map[string]any
		want    string
	}{
		"invalid YAML": {"39.0.701+up39.0.7", "", "logs: [\n", nil,
			"usage: read the values of HelmChartConfig NAMESPACE/NAME: not valid YAML: line 1: did not find expected node content"},
		"two documents": {"39.0.701+up39.0.7", "", "logs: {}\n---\nlogs: {}\n", nil,
			"usage: read the values of HelmChartConfig NAMESPACE/NAME: more than one YAML document, of which Helm reads only one"},
		"no map": {"39.0.701+up39.0.7", "", "tracing: yes\n", nil,
			"usage: change the values of HelmChartConfig NAMESPACE/NAME: values tracing must be a map to hold otlp"},
		"schema": {"41.3.0", "", "logs:\n  access:\n    enabled: true\n", nil,
			"additional properties 'logs' not allowed"},
		"template": {"41.3.0", "", "resources:\n  limits:\n    memory: 100K\n", nil,
			"reads memory limits in Mi or Gi only, not 100K"},
		"second back end": {"27.0.201+up27.0.2", "", "tracing:\n  jaeger:\n    localAgentHostPort: 127.0.0.1:6831\n", nil,
			"sends spans to one back end only, and tracing.jaeger is set"},
		"no ID": {"34.2.1+up34.2.0", "", "", nil,
			"unsupported: Traefik 3.3.2 writes no trace ID into its access log"},
		"image without version": {"39.0.7", "", "image:\n  tag: master\n", nil,
			"unsupported: HelmChartConfig NAMESPACE/NAME: neither image.tag nor the running image"},
		"no receiver": {"39.0.701+up39.0.7", "", "", map[string]any{"endpoints": map[string]any{"zipkin": "http://x:9411"}},
			"not_found: Traefik 3.6.12 needs Tempo's receiver otlp_http, and no such endpoint is known"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			l.install(t, c.version, c.chart, nil)
			l.configure(t, c.content) // afterwards, as a user who makes a mistake does
			l.Requests()

			require.Contains(t, testkit.Failed(t, l.task(c.options).Apply(t)), l.named(c.want))
			require.Empty(t, testkit.KubeWrites(l.Requests()))
			require.Equal(t, c.content, l.config(t).Spec.ValuesContent)
		})
	}
}

// A HelmChartConfig that k3s deploys from a file is left alone, and the file is
// named. The kind AddOn stands in for k3s' own, which only k3s brings.
func TestManifestFileOfK3s(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.addon(t, l.name, "/var/lib/rancher/k3s/server/manifests/traefik-config.yaml")
	content := "logs: {}\n"
	l.install(t, "39.0.701+up39.0.7", "", &content)
	l.patch(t, "helmchartconfigs", map[string]any{"metadata": map[string]any{"annotations": map[string]any{
		"objectset.rio.cattle.io/owner-gvk": "k3s.cattle.io/v1, Kind=Addon", "objectset.rio.cattle.io/owner-name": l.name,
		"objectset.rio.cattle.io/owner-namespace": "kube-system"}}})

	refused := l.task(nil).Apply(t)
	require.Contains(t, testkit.Failed(t, refused), "belongs to the manifest file /var/lib/rancher/k3s/server/manifests/traefik-config.yaml, which k3s deploys")
	_, after := testkit.Diff(t, refused)
	require.Contains(t, after, "tracing.otlp.enabled: true", "the diff shows what to put there")
	require.Equal(t, content, l.config(t).Spec.ValuesContent)

	testkit.Changed(t, l.task(map[string]any{"force": true}).Apply(t))
	testkit.Unchanged(t, l.task(nil).Apply(t))
}

func (l lab) addon(t *testing.T, name, source string) {
	t.Helper()
	crd := map[string]any{"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": map[string]any{"name": "addons.k3s.cattle.io"},
		"spec": map[string]any{"group": "k3s.cattle.io", "scope": "Namespaced", "names": map[string]any{"kind": "Addon", "plural": "addons"},
			"versions": []any{map[string]any{"name": "v1", "served": true, "storage": true, "schema": map[string]any{"openAPIV3Schema": map[string]any{
				"type": "object", "x-kubernetes-preserve-unknown-fields": true}}}}}}
	l.call(t, http.MethodPost, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", "application/json", crd)
	addons := "/apis/k3s.cattle.io/v1/namespaces/kube-system/addons"
	body := map[string]any{"apiVersion": "k3s.cattle.io/v1", "kind": "Addon", "metadata": map[string]any{"name": name}, "spec": map[string]any{"source": source}}
	require.Eventually(t, func() bool {
		status, _ := l.call(t, http.MethodPost, addons, "application/json", body)
		return status == http.StatusCreated
	}, patience, 250*time.Millisecond, "the AddOn was not created")
	t.Cleanup(func() { l.call(t, http.MethodDelete, addons+"/"+name, "", nil) })
}
