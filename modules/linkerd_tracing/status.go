// SPDX-License-Identifier: AGPL-3.0-or-later

package linkerd

import (
	"context"
	"time"

	"sigs.k8s.io/yaml"

	"github.com/picluster/tracing/modules/internal/compat"
	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/ownership"
	"github.com/picluster/tracing/modules/internal/secret"
)

// Status is the mesh as it was observed, and what would be made of it.
type Status struct {
	// Version is that of the control plane, "" where there is none.
	Version    string
	Generation compat.Linkerd
	// Release holds the settings: the control plane's own, or the extension's,
	// whose Status is helm.Absent where it is yet to be installed.
	Release helm.Release
	// Deployed is the revision in force, while another one of the release is pending.
	Deployed helm.Release
	// Unmanaged is why the settings cannot be changed here.
	Unmanaged error
	// Terminating says that the release's namespace is being deleted; nil when it is not.
	Terminating error
	// Owner is the GitOps tool's object that manages the settings, if any.
	Owner kube.Owner
	// Record is what this module has set before, nil for nothing.
	Record *ownership.Record
	Tempo  Tempo
	// Proposal is what the release is to become.
	Proposal Proposal
}

// Installed reports whether there is a Linkerd.
func (s Status) Installed() bool { return s.Version != "" }

// Observe finds the Linkerd, the release with its settings, and Tempo.
func (c *client) Observe(ctx context.Context, spec Spec) (status Status, err error) {
	if status.Version, err = c.version(ctx, spec.LinkerdNamespace); err != nil || status.Version == "" {
		return status, err
	}
	if status.Generation, err = compat.LinkerdFor(status.Version); err != nil {
		return status, fault.Wrap(fault.Unsupported, "use a version of Linkerd that this module knows", "look at Linkerd", err)
	}
	if err := c.settings(ctx, spec, &status); err != nil {
		return status, err
	}
	secret.Learn(ctx, secret.Within(any(status.Release.Values))...)
	if status.Record, err = ownership.OfRelease(ctx, c.cluster, status.Release.Namespace, status.Release.Name); err != nil {
		return status, err
	}
	if status.Tempo, err = c.tempo(ctx, spec); err != nil {
		return status, err
	}
	status.Proposal = status.proposal(spec)
	if err := status.pending(spec, time.Now()); err != nil {
		status.Unmanaged = err
	}
	if err := c.obstacles(ctx, spec, &status); err != nil {
		return status, err
	}
	c.dryRun(ctx, spec, &status)
	return status, nil
}

// version reads the control plane's own note of its values
// (linkerd2 charts/linkerd-control-plane/templates/config.yaml); "" for none.
func (c *client) version(ctx context.Context, namespace string) (string, error) {
	config, err := c.cluster.ConfigMap(ctx, namespace, "linkerd-config")
	if err != nil || config == nil {
		return "", err
	}
	var values struct {
		LinkerdVersion string `json:"linkerdVersion"`
	}
	if err := yaml.Unmarshal([]byte(config.Data["values"]), &values); err != nil || values.LinkerdVersion == "" {
		return "", fault.New(fault.Rejected, "look at it with: kubectl -n "+namespace+" get configmap linkerd-config -o yaml", "read Linkerd's version: ConfigMap %s/linkerd-config has none", namespace)
	}
	return values.LinkerdVersion, nil
}

// settings finds the release that holds them.
func (c *client) settings(ctx context.Context, spec Spec, status *Status) (err error) {
	namespace, chart := spec.LinkerdNamespace, string(compat.LinkerdControlPlane)
	if status.Generation.Method == compat.LinkerdExtension {
		namespace, chart = spec.JaegerNamespace, string(compat.LinkerdExtension)
	}
	releases, err := c.releases(ctx, namespace)
	if err != nil {
		return err
	}
	found := effective(releases, chart)
	switch {
	case found.Status.Pending(): // whether it may be changed is decided with the record
		status.Deployed = inForce(releases, chart)
	case found.Status == helm.Failed && status.Generation.Method == compat.LinkerdExtension: // its install is repeated
		found = helm.Release{Name: spec.JaegerRelease, Namespace: namespace}
	case found.Status.Exists() && found.Status != helm.Deployed:
		status.Unmanaged = fault.New(fault.Conflict, "look at it with: helm history "+found.Name+" -n "+namespace+"; helm rollback or helm upgrade brings it back",
			"change release %s/%s: no revision of it is deployed, and the newest is %s", namespace, found.Name, found.Status)
	case found.Status == helm.Absent && status.Generation.Method == compat.LinkerdControlPlane:
		found = helm.Release{Name: chart, Namespace: namespace}
		status.Unmanaged = fault.New(fault.Unsupported, "set the values with its own program: linkerd upgrade --set proxy.tracing.enabled=true,... | kubectl apply -f -",
			"change Linkerd's settings: it was not installed by Helm")
	case found.Status == helm.Absent:
		found = helm.Release{Name: spec.JaegerRelease, Namespace: namespace}
	}
	status.Release = found
	return nil
}

// releases are the revisions of all releases in a namespace, newest first.
func (c *client) releases(ctx context.Context, namespace string) ([]helm.Release, error) {
	secrets, err := c.cluster.Secrets(ctx, namespace, helm.OwnerLabel+"="+helm.Owner)
	if err != nil {
		return nil, err
	}
	releases, err := helm.FromSecrets(secrets)
	if err != nil {
		return nil, fault.Wrap(fault.Rejected, "look at them with: helm list -a -n "+namespace, "read the Helm releases in namespace "+namespace, err)
	}
	return releases, nil
}

// inForce is the revision of a chart that is deployed, the zero value for none.
func inForce(releases []helm.Release, chart string) helm.Release {
	for _, release := range releases {
		if release.Chart.Name == chart && release.Status == helm.Deployed {
			return release
		}
	}
	return helm.Release{}
}

// effective is, of the revisions of a chart, newest first, the one that is deployed or
// being worked on, else the newest one that was not uninstalled.
func effective(releases []helm.Release, chart string) (newest helm.Release) {
	for _, release := range releases {
		switch {
		case release.Chart.Name != chart:
		case release.Status == helm.Deployed || release.Status.Pending():
			return release
		case newest.Status == helm.Absent && release.Status.Exists():
			newest = release
		}
	}
	return newest
}
