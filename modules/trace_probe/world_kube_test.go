// SPDX-License-Identifier: AGPL-3.0-or-later

package probe_test

import (
	"cmp"
	"encoding/json"
	"net/http"
	"strings"
)

// serveKube is as much of the Kubernetes API as a proof needs: Traefik's Deployment,
// and the proxy to Tempo's Service.
func (w *world) serveKube(out http.ResponseWriter, r *http.Request) {
	const proxy = "/api/v1/namespaces/tracing/services/http:tempo:3200/proxy"
	kind := "Deployment"
	if w.broken.daemons {
		kind = "DaemonSet"
	}
	switch {
	case strings.HasPrefix(r.URL.Path, proxy):
		r.URL.Path = strings.TrimPrefix(r.URL.Path, proxy)
		w.serveTempo(out, r)
		return
	case r.URL.Path == "/version":
		_ = json.NewEncoder(out).Encode(map[string]any{"major": "1", "minor": "36", "gitVersion": "v1.36.3+k3s1"})
		return
	case r.URL.Path != "/apis/apps/v1/namespaces/kube-system/"+strings.ToLower(kind)+"s/traefik":
		http.NotFound(out, r)
		return
	}
	out.Header().Set("Content-Type", "application/json")
	container := map[string]any{"name": "traefik", "image": cmp.Or(w.broken.image, "rancher/mirrored-library-traefik:3.7.8"), "args": w.broken.args}
	containers := []any{container}
	if w.broken.sidecar {
		containers = []any{map[string]any{"name": "print", "image": "busybox:1.37"}, container}
	}
	_ = json.NewEncoder(out).Encode(map[string]any{"apiVersion": "apps/v1", "kind": kind,
		"metadata": map[string]any{"name": "traefik", "namespace": "kube-system"},
		"spec":     map[string]any{"template": map[string]any{"spec": map[string]any{"containers": containers}}}})
}

// inCluster are the options of a proof that uses the cluster.
func inCluster() map[string]any {
	return map[string]any{"query": "http://tempo.tracing.svc:3200", "host": "KUBE"}
}
