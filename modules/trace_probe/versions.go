// SPDX-License-Identifier: AGPL-3.0-or-later

package probe

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"

	meta "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/picluster/tracing/modules/internal/loki"
)

// found notes a version. They are for people alone: whoever may not read one
// goes without it.
func (s *survey) found(name, version string) {
	if version != "" {
		s.Others[name] = strings.TrimPrefix(version, "v")
	}
}

// clusterVersions reads those of Kubernetes and Traefik, where the cluster was
// needed anyway.
func (s *survey) clusterVersions(ctx context.Context, args Args) {
	clients := s.roads.clients
	if clients == nil {
		return
	}
	var said struct {
		GitVersion string `json:"gitVersion"`
	}
	if body, err := clients.Core.RESTClient().Get().AbsPath("/version").DoRaw(ctx); err == nil && json.Unmarshal(body, &said) == nil {
		s.found("kubernetes", said.GitVersion)
	}
	if !args.through() {
		return
	}
	deployment, err := clients.Apps.Deployments(args.TraefikNamespace).Get(ctx, args.TraefikName, meta.GetOptions{})
	if err == nil && len(deployment.Spec.Template.Spec.Containers) > 0 {
		s.found("traefik", tagOf(deployment.Spec.Template.Spec.Containers[0].Image))
	}
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
func (s *survey) lokiVersion(ctx context.Context, get loki.Get) {
	var said struct{ Version string }
	status, body, err := get(ctx, "/loki/api/v1/status/buildinfo", nil)
	if err == nil && status == http.StatusOK && json.Unmarshal(body, &said) == nil {
		s.found("loki", said.Version)
	}
}
