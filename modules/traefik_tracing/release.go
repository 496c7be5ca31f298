// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/kube"
)

// readRelease reads what a Helm release is configured with.
func (m *Module) readRelease(ctx context.Context, found Found) (Found, error) {
	releases, err := m.revisions(ctx, found.Namespace, found.Name)
	if err != nil {
		return found, err
	}
	release, err := inForce(found.Namespace, found.Name, releases)
	if err != nil {
		return found, err
	}
	found.newest = releases[0]
	text, err := yaml.Marshal(release.Values)
	if err != nil {
		return found, fault.As(fault.Internal, "", "read the values of "+found.String(), err)
	}
	found.Exists, found.Text, found.release = true, string(text), release
	found.Chart, found.Lower, found.Owner = release.Chart.Version, release.Chart.Defaults, found.Workload.Owner
	found.ResourceVersion = fmt.Sprint(release.Revision)
	found.Record, err = m.readRecord(ctx, found)
	return found, err
}

// deployed reads the release's revision that is in force.
func (m *Module) deployed(ctx context.Context, namespace, name string) (helm.Release, error) {
	releases, err := m.revisions(ctx, namespace, name)
	if err != nil {
		return helm.Release{}, err
	}
	return inForce(namespace, name, releases)
}

// inForce is the revision of a release that is deployed. A release that is being
// worked on, or was left so, is an error.
func inForce(namespace, name string, releases []helm.Release) (helm.Release, error) {
	doing := fmt.Sprintf("read Helm release %s/%s", namespace, name)
	if len(releases) > 0 && releases[0].Status.Underway() {
		return helm.Release{}, fault.New(fault.Conflict, "wait for it, or roll it back with: helm rollback "+name+" -n "+namespace,
			"%s: revision %d is %s", doing, releases[0].Revision, releases[0].Status)
	}
	for _, release := range releases {
		if release.Status == helm.Deployed {
			return release, nil
		}
	}
	return helm.Release{}, fault.New(fault.NotFound, "look at it with: helm history "+name+" -n "+namespace, "%s: no revision of it is deployed", doing)
}

// newest is the newest revision of a release that has come to an end, the zero
// value where there is none.
func (m *Module) newest(ctx context.Context, namespace, name string) (helm.Release, error) {
	releases, err := m.revisions(ctx, namespace, name)
	if err != nil {
		return helm.Release{}, err
	}
	return ended(releases), nil
}

func ended(releases []helm.Release) helm.Release {
	for _, release := range releases {
		if !release.Status.Underway() {
			return release
		}
	}
	return helm.Release{}
}

// revisions are those of a release that something can still come of, newest
// first.
func (m *Module) revisions(ctx context.Context, namespace, name string) ([]helm.Release, error) {
	selector := fmt.Sprintf("%s=%s,%s=%s,%s notin (%s,%s)", helm.OwnerLabel, helm.Owner, helm.NameLabel, name,
		helm.StatusLabel, helm.Superseded, helm.Uninstalled)
	doing := fmt.Sprintf("read Helm release %s/%s", namespace, name)
	secrets, err := m.clients.Core.Secrets(namespace).List(ctx, meta.ListOptions{LabelSelector: selector})
	if err != nil {
		return nil, kube.Fault(doing, err)
	}
	releases, err := helm.FromSecrets(secrets.Items)
	if err != nil {
		return nil, fault.As(fault.Rejected, "look at it with: helm history "+name+" -n "+namespace, doing, err)
	}
	return releases, nil
}

// recordMap is the ConfigMap that keeps the record beside a release.
func recordMap(release string) string { return release + "-tracing-record" }

func (m *Module) readRecord(ctx context.Context, found Found) (*Record, error) {
	config, err := m.clients.Core.ConfigMaps(found.Namespace).Get(ctx, recordMap(found.Name), meta.GetOptions{})
	if apierrors.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, kube.Fault("read ConfigMap "+found.Namespace+"/"+recordMap(found.Name), err)
	}
	return readRecord(config.Data["record"]), nil
}
