// SPDX-License-Identifier: AGPL-3.0-or-later

package probe

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/picluster/tracing/modules/internal/accesslog"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/loki"
	"github.com/picluster/tracing/modules/internal/traefikfind"
)

// version records a version. They are for people alone: whoever may not read one
// does without it.
func (s *Status) version(name, version string) {
	if version != "" {
		s.Versions[name] = strings.TrimPrefix(version, "v")
	}
}

// versions are those that were found, as results have them.
func (s Status) versions() map[string]any {
	found := map[string]any{}
	for name, version := range s.Versions {
		found[name] = version
	}
	return found
}

// clusterVersions reads those of Kubernetes and Traefik, where the cluster was
// needed anyway.
func (r *reading) clusterVersions(ctx context.Context) {
	if !r.servers.Connected() {
		return
	}
	cluster, err := r.servers.Cluster()
	if err != nil {
		return
	}
	if version, err := cluster.Version(ctx); err == nil {
		r.version("kubernetes", version)
	}
	if !r.spec.through() {
		return
	}
	if traefik := r.traefik(ctx, cluster); traefik.Image != "" {
		r.version("traefik", tagOf(traefik.Image))
		r.AccessLog = accesslog.Read(traefik.Args)
		r.AccessLog.Sidecars = traefik.Sidecars
	}
}

// traefik is the Deployment or DaemonSet that runs Traefik, the zero value where it
// cannot be read.
func (r *reading) traefik(ctx context.Context, cluster kube.Reader) traefikfind.Workload {
	deployment, err := cluster.Deployment(ctx, r.spec.TraefikNamespace, r.spec.TraefikName)
	if err == nil && deployment != nil {
		return traefikfind.FromDeployment(*deployment)
	}
	set, err := cluster.DaemonSet(ctx, r.spec.TraefikNamespace, r.spec.TraefikName)
	if err != nil || set == nil {
		return traefikfind.Workload{}
	}
	return traefikfind.FromDaemonSet(*set)
}

// tagOf is the tag of an image, "" for none: the last colon may be that of the
// registry's port, and a digest may follow.
func tagOf(image string) string {
	image, _, _ = strings.Cut(image, "@")
	_, tag, _ := strings.Cut(image[strings.LastIndex(image, "/")+1:], ":")
	return tag
}

// lokiVersion asks a Loki that has answered already
// (grafana/loki, docs/sources/reference/loki-http-api.md, status/buildinfo).
func (s *Status) lokiVersion(ctx context.Context, get loki.Get) {
	var build struct{ Version string }
	status, body, err := get(ctx, "/loki/api/v1/status/buildinfo", nil)
	if err == nil && status == http.StatusOK && json.Unmarshal(body, &build) == nil {
		s.version("loki", build.Version)
	}
}
