// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik

import (
	"cmp"
	"context"
	"fmt"

	"sigs.k8s.io/yaml"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/helm"
)

// readRelease reads what a Helm release is configured with.
func (c *client) readRelease(ctx context.Context, status Status) (Status, error) {
	releases, err := c.revisions(ctx, status.Namespace, status.Name)
	if err != nil {
		return status, err
	}
	release, err := inForce(status.Namespace, status.Name, releases)
	if err != nil {
		return status, err
	}
	status.newest = releases[0]
	text, err := yaml.Marshal(release.Values)
	if err != nil {
		return status, fault.As(fault.Internal, "", "read the values of "+status.String(), err)
	}
	status.Exists, status.Text, status.release = true, string(text), release
	status.Chart, status.Lower, status.Owner = release.Chart.Version, release.Chart.Defaults, status.Workload.Owner
	status.ResourceVersion = fmt.Sprint(release.Revision)
	status.Record, err = c.readRecord(ctx, status)
	return status, err
}

// withRelease adds the release behind a HelmChart, which is needed for rendering
// only.
func (c *client) withRelease(ctx context.Context, status Status) (Status, error) {
	if status.Method == methodHelm {
		return status, nil
	}
	namespace, name := status.releaseNamespace(), status.releaseName()
	releases, err := c.revisions(ctx, namespace, name)
	if err != nil {
		return status, err
	}
	status.release, err = inForce(namespace, name, releases)
	return status, err
}

func (s Status) releaseName() string { return s.Name }

// releaseNamespace is where the release lies.
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
func (c *client) newest(ctx context.Context, namespace, name string) (helm.Release, error) {
	releases, err := c.revisions(ctx, namespace, name)
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
func (c *client) revisions(ctx context.Context, namespace, name string) ([]helm.Release, error) {
	selector := fmt.Sprintf("%s=%s,%s=%s,%s notin (%s,%s)", helm.OwnerLabel, helm.Owner, helm.NameLabel, name,
		helm.StatusLabel, helm.Superseded, helm.Uninstalled)
	doing := fmt.Sprintf("read Helm release %s/%s", namespace, name)
	secrets, err := c.cluster.Secrets(ctx, namespace, selector)
	if err != nil {
		return nil, fault.Doing(doing, err)
	}
	releases, err := helm.FromSecrets(secrets)
	if err != nil {
		return nil, fault.As(fault.Rejected, "look at it with: helm history "+name+" -n "+namespace, doing, err)
	}
	return releases, nil
}

// recordMap is the ConfigMap that keeps the record beside a release.
func recordMap(release string) string { return release + "-tracing-record" }

func (c *client) readRecord(ctx context.Context, status Status) (*Record, error) {
	config, err := c.cluster.ConfigMap(ctx, status.Namespace, recordMap(status.Name))
	if err != nil || config == nil {
		return nil, err
	}
	return readRecord(config.Data["record"]), nil
}
