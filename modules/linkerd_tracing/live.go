// SPDX-License-Identifier: AGPL-3.0-or-later

package linkerd

import (
	"context"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"github.com/picluster/tracing/modules/internal/compat"
	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/kube"
)

// Observe finds the Linkerd, the release with its settings, and Tempo.
func (m *Module) Observe(ctx context.Context, args Args) (have State, err error) {
	if err := m.connect(args); err != nil {
		return have, err
	}
	if have.Version, err = m.version(ctx, args.LinkerdNamespace); err != nil || have.Version == "" {
		return have, err
	}
	if have.Generation, err = compat.LinkerdFor(have.Version); err != nil {
		return have, fault.As(fault.Unsupported, "use a Linkerd that is known", "look at Linkerd", err)
	}
	if err := m.settings(ctx, args, &have); err != nil {
		return have, err
	}
	if have.Record, err = m.record(ctx, have.Release); err != nil {
		return have, err
	}
	if have.Tempo, err = m.tempo(ctx, args); err != nil {
		return have, err
	}
	if err := m.obstacles(ctx, args, &have); err != nil {
		return have, err
	}
	have.Refusal = m.rehearse(ctx, args, have)
	return have, nil
}

func (m *Module) connect(args Args) error {
	if m.clients != nil {
		return nil
	}
	clients, err := args.Clients()
	if err != nil {
		return err
	}
	if m.objects, err = args.Objects(); err != nil {
		return err
	}
	m.clients = &clients
	return nil
}

// version reads the control plane's own note of its values
// (linkerd2 charts/linkerd-control-plane/templates/config.yaml); "" for none.
func (m *Module) version(ctx context.Context, namespace string) (string, error) {
	config, err := m.clients.Core.ConfigMaps(namespace).Get(ctx, "linkerd-config", meta.GetOptions{})
	if apierrors.IsNotFound(err) {
		return "", nil
	}
	if err != nil {
		return "", kube.Fault("read ConfigMap "+namespace+"/linkerd-config", err)
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
func (m *Module) settings(ctx context.Context, args Args, have *State) (err error) {
	namespace, chart := args.LinkerdNamespace, string(compat.LinkerdControlPlane)
	if have.Generation.Way == compat.LinkerdExtension {
		namespace, chart = args.JaegerNamespace, string(compat.LinkerdExtension)
	}
	found, err := m.release(ctx, namespace, chart)
	if err != nil {
		return err
	}
	switch {
	case found.Status.Underway():
		have.Unmanaged = fault.New(fault.Conflict, "wait for it, or roll it back with: helm rollback "+found.Name+" -n "+namespace,
			"change release %s/%s: revision %d is %s", namespace, found.Name, found.Revision, found.Status)
	case found.Status == helm.Absent && have.Generation.Way == compat.LinkerdControlPlane:
		found = helm.Release{Name: chart, Namespace: namespace}
		have.Unmanaged = fault.New(fault.Unsupported, "set the values with its own program: linkerd upgrade --set proxy.tracing.enabled=true,... | kubectl apply -f -",
			"change Linkerd's settings: it was not installed by Helm")
	case found.Status == helm.Absent:
		found = helm.Release{Name: args.JaegerRelease, Namespace: namespace}
	}
	have.Release = found
	return nil
}

// release is the newest revision of the release of a chart in a namespace.
func (m *Module) release(ctx context.Context, namespace, chart string) (helm.Release, error) {
	doing := "read the Helm releases in namespace " + namespace
	secrets, err := m.clients.Core.Secrets(namespace).List(ctx, meta.ListOptions{LabelSelector: helm.OwnerLabel + "=" + helm.Owner})
	if err != nil {
		return helm.Release{}, kube.Fault(doing, err)
	}
	releases, err := helm.FromSecrets(secrets.Items)
	if err != nil {
		return helm.Release{}, fault.As(fault.Rejected, "look at them with: helm list -a -n "+namespace, doing, err)
	}
	for _, release := range releases {
		if release.Chart.Name == chart && (release.Status == helm.Deployed || release.Status.Underway()) {
			return release, nil
		}
	}
	return helm.Release{}, nil
}

// recordName is the ConfigMap beside the release that keeps the record.
func recordName(release helm.Release) string { return release.Name + "-tracing-record" }

func (m *Module) record(ctx context.Context, release helm.Release) (*Record, error) {
	config, err := m.clients.Core.ConfigMaps(release.Namespace).Get(ctx, recordName(release), meta.GetOptions{})
	if apierrors.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, kube.Fault("read ConfigMap "+release.Namespace+"/"+recordName(release), err)
	}
	return readRecord(config.Data["record"]), nil
}
