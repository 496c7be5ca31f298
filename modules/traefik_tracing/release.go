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
	"strings"
	"time"

	"k8s.io/client-go/rest"
	"sigs.k8s.io/yaml"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/ownership"
	"github.com/picluster/tracing/modules/internal/traefikfind"
)

// readRelease reads what a Helm release is configured with.
func (r reader) readRelease(ctx context.Context, spec Spec, status Status) (Status, error) {
	releases, err := r.revisions(ctx, status.Namespace, status.Name)
	if err != nil {
		return status, err
	}
	if status.Record, err = ownership.OfRelease(ctx, r.cluster, status.Namespace, status.Name); err != nil {
		return status, err
	}
	var release helm.Release
	if leftByUs(releases, status.Record, time.Now().Add(-spec.Limit)) {
		release = releases[0]
	} else if release, err = inForce(status.Namespace, status.Name, releases); err != nil {
		return status, err
	}
	status.newest = releases[0]
	if parent, ok := traefikfind.UmbrellaOf(release, status.Workload); ok && (!spec.absent() || status.Record == nil) { // what was set at the wrong place is removed
		return status.under(parent, release)
	}
	if traefikfind.Strange(release, status.Workload) {
		return status, status.strange(release.Chart)
	}
	text, err := yaml.Marshal(release.Values)
	if err != nil {
		return status, fault.Wrap(fault.Internal, "", "read the values of "+status.String(), err)
	}
	status.Exists, status.Text, status.release = true, string(text), release
	status.Chart, status.Lower, status.Owner = release.Chart.Version, release.Chart.Defaults, status.Workload.Owner
	status.ResourceVersion = fmt.Sprint(release.Revision)
	return status, nil
}

// under is the status of a Traefik whose values stand among those of an umbrella: those
// that its release is in force with, wherever a HelmChart has them from.
func (s Status) under(parent traefikfind.Umbrella, release helm.Release) (Status, error) {
	s.umbrella, s.release, s.Record, s.Exists = parent, release, nil, true
	s.Chart, s.Owner = s.Workload.ChartVersion(), s.Workload.Owner
	s.Lower, s.Higher, s.Sets = parent.Passed(release.Chart.Defaults), nil, nil
	text, err := yaml.Marshal(parent.Passed(release.Values))
	if err != nil {
		return s, fault.Wrap(fault.Internal, "", "read the values of "+s.String(), err)
	}
	s.Text = string(text)
	return s, nil
}

// leftByUs reports whether the newest revision was left pending by a run of this module
// that died: it differs from the one in force by this module's settings alone, and began
// before a time since which no run can have lasted.
func leftByUs(releases []helm.Release, record *ownership.Record, before time.Time) bool {
	if len(releases) < 2 || !releases[0].Status.Pending() || releases[1].Status != helm.Deployed {
		return false
	}
	newest, deployed := releases[0], releases[1]
	return newest.Updated.Before(before) && newest.Chart.ID() == deployed.Chart.ID() && record.OnlyOurs(deployed.Values, newest.Values)
}

// withRelease adds the release behind a HelmChart, which is needed for rendering
// only.
func (r reader) withRelease(ctx context.Context, status Status) (Status, error) {
	if status.Method == methodHelm {
		return status, nil
	}
	namespace, name := status.releaseNamespace(), status.releaseName()
	releases, err := r.revisions(ctx, namespace, name)
	if err != nil {
		return status, err
	}
	status.release, err = inForce(namespace, name, releases)
	return status, err
}

func (s Status) releaseName() string { return s.Name }

// releaseNamespace is the namespace of the release.
func (s Status) releaseNamespace() string {
	if s.source == nil {
		return s.Namespace
	}
	return cmp.Or(s.source.Spec.TargetNamespace, s.source.Namespace)
}

// inForce is the revision of a release that is deployed. A release that is being
// worked on, or was left so, is an error.
func inForce(namespace, name string, releases []helm.Release) (helm.Release, error) {
	doing := fmt.Sprintf("read Helm release %s/%s", namespace, name)
	if len(releases) > 0 && releases[0].Status.Pending() {
		return helm.Release{}, fault.New(fault.Conflict, "wait for it, or roll it back with: helm rollback "+name+" -n "+namespace,
			"%s: revision %d is %s", doing, releases[0].Revision, releases[0].Status)
	}
	for _, release := range releases {
		if release.Status == helm.Deployed {
			return release, nil
		}
	}
	look := "look at it with: helm history " + name + " -n " + namespace
	if len(releases) == 0 {
		return helm.Release{}, fault.New(fault.NotFound, look, "%s: no revision of it is deployed", doing)
	}
	newest := releases[0]
	return helm.Release{}, fault.New(fault.NotFound, fmt.Sprintf("%s; helm rollback %s %d -n %s applies again what that revision holds", look, name, newest.Revision, namespace),
		"%s: no revision of it is deployed, and the newest, %d, is %s", doing, newest.Revision, newest.Status)
}

// newest is the newest revision of a release that is not pending, the zero
// value where there is none.
func (r reader) newest(ctx context.Context, namespace, name string) (helm.Release, error) {
	releases, err := r.revisions(ctx, namespace, name)
	if err != nil {
		return helm.Release{}, err
	}
	return ended(releases), nil
}

func ended(releases []helm.Release) helm.Release {
	for _, release := range releases {
		if !release.Status.Pending() {
			return release
		}
	}
	return helm.Release{}
}

// revisions are those of a release that still matter, newest
// first.
func (r reader) revisions(ctx context.Context, namespace, name string) ([]helm.Release, error) {
	selector := fmt.Sprintf("%s=%s,%s=%s,%s notin (%s,%s)", helm.OwnerLabel, helm.Owner, helm.NameLabel, name,
		helm.StatusLabel, helm.Superseded, helm.Uninstalled)
	doing := fmt.Sprintf("read Helm release %s/%s", namespace, name)
	secrets, err := r.cluster.Secrets(ctx, namespace, selector)
	if err != nil {
		return nil, fault.During(doing, err)
	}
	releases, err := helm.FromSecrets(secrets)
	if err != nil {
		return nil, fault.Wrap(fault.Rejected, "look at it with: helm history "+name+" -n "+namespace, doing, err)
	}
	return releases, nil
}

// chart is the one that the values are for: that of the installed release, or,
// while an upgrade is under way, the one that the HelmChart names.
func (r reader) chart(ctx context.Context, status Status) (helm.Chart, error) {
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
		return r.bundledChart(ctx, source.Chart)
	}
	return helm.Source{Ref: source.Chart, Repository: source.Repo, Version: source.Version}.Load(ctx)
}

// chartTimeout is how long loading a chart may take: it is for a check only.
const chartTimeout = 20 * time.Second

func inlineChart(content string) (helm.Chart, error) {
	archive, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(content), ""))
	if err != nil {
		return helm.Chart{}, errors.New("chartContent is not base64")
	}
	return helm.FromArchive(archive)
}

// placeholder is in the URL of the charts that k3s serves itself, from the
// address of the API server (k3s-io/k3s, manifests/traefik.yaml).
const placeholder = "%{KUBERNETES_API}%"

// bundledChart gets a chart from k3s' server.
func (r reader) bundledChart(ctx context.Context, url string) (helm.Chart, error) {
	_, path, _ := strings.Cut(url, placeholder)
	archive, err := r.server.get(ctx, path)
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
