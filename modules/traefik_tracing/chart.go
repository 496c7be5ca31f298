// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik

import (
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/client-go/rest"

	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/kube"
)

// chart is the one that the values are for: that of the installed release, or,
// while an upgrade is under way, the one that the HelmChart names.
func (m *Module) chart(ctx context.Context, found Found) (helm.Chart, error) {
	if found.Method == methodHelm || found.release.Chart.Version == found.Chart {
		return found.release.Chart, nil
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	source := found.source
	switch {
	case source.Spec.ChartContent != "":
		archive, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(source.Spec.ChartContent), ""))
		if err != nil {
			return helm.Chart{}, errors.New("chartContent is not base64")
		}
		return helm.FromArchive(archive)
	case strings.Contains(source.Spec.Chart, placeholder):
		return m.bundled(ctx, source.Spec.Chart)
	}
	return helm.Source{Ref: source.Spec.Chart, Repository: source.Spec.Repo, Version: source.Spec.Version}.Load(ctx)
}

// patience is how long a chart may take to come: it is for a check only.
const patience = 20 * time.Second

// placeholder stands in the URL of the charts that k3s serves itself, from the
// address of the API server (k3s-io/k3s, manifests/traefik.yaml).
const placeholder = "%{KUBERNETES_API}%"

// bundled gets a chart from k3s' server.
func (m *Module) bundled(ctx context.Context, url string) (helm.Chart, error) {
	client, err := rest.HTTPClientFor(m.clients.Config)
	if err != nil {
		return helm.Chart{}, err
	}
	_, path, _ := strings.Cut(url, placeholder)
	address := strings.TrimSuffix(m.clients.Config.Host, "/") + path
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return helm.Chart{}, err
	}
	response, err := client.Do(request)
	if err != nil {
		return helm.Chart{}, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return helm.Chart{}, fmt.Errorf("get %s: the server answered %s", address, response.Status)
	}
	archive, err := io.ReadAll(io.LimitReader(response.Body, 64<<20))
	if err != nil {
		return helm.Chart{}, err
	}
	return helm.FromArchive(archive)
}

// installed adds the release behind a HelmChart, which is needed for rendering
// only.
func (m *Module) installed(ctx context.Context, found Found) (Found, error) {
	if found.Method == methodHelm {
		return found, nil
	}
	release, err := m.deployed(ctx, found.releaseNamespace(), found.releaseName())
	found.release = release
	return found, err
}

func (f Found) releaseName() string { return f.Name }

// releaseNamespace is where the release lies.
func (f Found) releaseNamespace() string {
	if f.source == nil {
		return f.Namespace
	}
	return cmp.Or(f.source.Spec.TargetNamespace, f.source.Namespace)
}

// set is a key of spec.set, with how the controller hands it to Helm.
type set struct {
	key, value string
	plain      bool
}

// setsOf lists the keys that a HelmChart sets: numbers, booleans and null as
// they are, anything else as text (k3s-io/helm-controller,
// pkg/controllers/chart/chart.go, typedVal).
func setsOf(chart *kube.HelmChart) []set {
	var sets []set
	for key, value := range chart.Spec.Set {
		text := value.String()
		word := strings.ToLower(text)
		sets = append(sets, set{key, text, value.Type == intstr.Int || word == "true" || word == "false" || word == "null"})
	}
	slices.SortFunc(sets, func(a, b set) int { return cmp.Compare(a.key, b.key) })
	return sets
}
