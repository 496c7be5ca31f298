// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"k8s.io/client-go/rest"

	"github.com/picluster/tracing/modules/internal/helm"
)

// chart is the one that the values are for: that of the installed release, or,
// while an upgrade is under way, the one that the HelmChart names.
func (c *client) chart(ctx context.Context, status Status) (helm.Chart, error) {
	if status.Method == methodHelm || status.release.Chart.Version == status.Chart {
		return status.release.Chart, nil
	}
	ctx, cancel := context.WithTimeout(ctx, chartTimeout)
	defer cancel()
	source := status.source.Spec
	switch {
	case source.ChartContent != "":
		return inlineChart(source.ChartContent)
	case strings.Contains(source.Chart, placeholder):
		return c.bundledChart(ctx, source.Chart)
	}
	return helm.Source{Ref: source.Chart, Repository: source.Repo, Version: source.Version}.Load(ctx)
}

// chartTimeout is how long a chart may take to come: it is for a check only.
const chartTimeout = 20 * time.Second

func inlineChart(content string) (helm.Chart, error) {
	archive, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(content), ""))
	if err != nil {
		return helm.Chart{}, errors.New("chartContent is not base64")
	}
	return helm.FromArchive(archive)
}

// placeholder stands in the URL of the charts that k3s serves itself, from the
// address of the API server (k3s-io/k3s, manifests/traefik.yaml).
const placeholder = "%{KUBERNETES_API}%"

// bundledChart gets a chart from k3s' server.
func (c *client) bundledChart(ctx context.Context, url string) (helm.Chart, error) {
	_, path, _ := strings.Cut(url, placeholder)
	archive, err := c.server.get(ctx, path)
	if err != nil {
		return helm.Chart{}, err
	}
	return helm.FromArchive(archive)
}

// apiServer reads the static files of k3s' server.
type apiServer struct{ config *rest.Config }

func (s apiServer) get(ctx context.Context, path string) ([]byte, error) {
	client, err := rest.HTTPClientFor(s.config)
	if err != nil {
		return nil, err
	}
	address := strings.TrimSuffix(s.config.Host, "/") + path
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("get %s: the server answered %s", address, response.Status)
	}
	return io.ReadAll(io.LimitReader(response.Body, 64<<20))
}
