// SPDX-License-Identifier: AGPL-3.0-or-later

package tempo

import (
	"context"
	"fmt"
	"reflect"

	core "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/kube"
)

// Observe reads what is there. The chart is read only when the release differs
// from what the options ask for, or when only the chart can tell.
func (m *Module) Observe(ctx context.Context, args Args) (State, error) {
	if err := m.connect(args); err != nil {
		return State{}, err
	}
	have := State{args: args}
	steps := []func(context.Context, *State) error{m.secrets, m.namespace, m.release, m.target}
	for _, step := range steps {
		if err := step(ctx, &have); err != nil {
			return State{}, err
		}
	}
	return have, nil
}

// connect makes the clients; a second call keeps those of the first.
func (m *Module) connect(args Args) (err error) {
	if m.helm != nil {
		return nil
	}
	if m.clients, err = args.Clients(); err != nil {
		return err
	}
	loader, err := args.ClientConfig()
	if err != nil {
		return err
	}
	m.helm = helm.New(helm.Access{
		Config: m.clients.Config, Loader: loader, Secrets: m.clients.Core.Secrets(args.Namespace), Namespace: args.Namespace,
		Wait: func(ctx context.Context, objects []helm.Object) error { return m.ready(ctx, args, objects) },
	})
	return nil
}

// ownerLabel marks the credentials Secret in the way in which Helm marks its
// release records, so that one request finds both.
const ownerLabel = kube.Manager

// secrets reads the release's records and the credentials. Superseded revisions
// are left out: each holds a whole chart.
func (m *Module) secrets(ctx context.Context, have *State) error {
	args := have.args
	selector := fmt.Sprintf("%s=%s,%s in (%s,%s),%s!=%s", helm.NameLabel, args.Release,
		helm.OwnerLabel, helm.Owner, ownerLabel, helm.StatusLabel, helm.Superseded)
	list, err := m.clients.Core.Secrets(args.Namespace).List(ctx, meta.ListOptions{LabelSelector: selector})
	if err != nil {
		return kube.Fault("read release "+args.Namespace+"/"+args.Release, err)
	}
	releases, err := helm.FromSecrets(list.Items)
	if err != nil {
		return err
	}
	if len(releases) > 0 {
		have.Release = releases[0]
	}
	return m.credentials(ctx, have, list.Items)
}

// credentials finds the Secret among those that were read, else by its name.
func (m *Module) credentials(ctx context.Context, have *State, read []core.Secret) error {
	name := have.args.credentials().Name
	for _, live := range read {
		if live.Name == name {
			have.Credentials = found(live)
			return nil
		}
	}
	live, err := m.clients.Core.Secrets(have.args.Namespace).Get(ctx, name, meta.GetOptions{})
	if apierrors.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return kube.Fault("read secret "+name, err)
	}
	have.Credentials = found(*live)
	return nil
}

// namespace is read when it is to be made or to be marked; a release that was
// found says that it is there.
func (m *Module) namespace(ctx context.Context, have *State) error {
	args := have.args
	have.Namespace = Namespace{Name: args.Namespace, Found: true}
	if have.Release.Status != helm.Absent && len(args.NamespaceLabels)+len(args.NamespaceAnnotations) == 0 {
		return nil
	}
	live, err := m.clients.Core.Namespaces().Get(ctx, args.Namespace, meta.GetOptions{})
	if apierrors.IsNotFound(err) {
		have.Namespace.Found = false
		return nil
	}
	if err != nil {
		return kube.Fault("read namespace "+args.Namespace, err)
	}
	have.Namespace.Labels = only(live.Labels, args.NamespaceLabels)
	have.Namespace.Annotations = only(live.Annotations, args.NamespaceAnnotations)
	return nil
}

// only keeps the keys that the task speaks of.
func only(live, asked map[string]string) map[string]string {
	kept := map[string]string{}
	for key := range asked {
		if value, is := live[key]; is {
			kept[key] = value
		}
	}
	return kept
}

// release reads the release's Services and workloads.
func (m *Module) release(ctx context.Context, have *State) (err error) {
	if have.Release.Status == helm.Absent {
		return nil
	}
	namespace, selector := have.args.Namespace, kube.InstanceLabel+"="+have.args.Release
	services, err := m.clients.Core.Services(namespace).List(ctx, meta.ListOptions{LabelSelector: selector})
	if err != nil {
		return kube.Fault("list Services in "+namespace, err)
	}
	have.Services = services.Items
	have.Workloads, err = m.clients.Workloads(ctx, namespace, selector)
	return err
}

// target finds out what the options lead to. The release's own copy of the
// chart is enough to see that nothing is to be done.
func (m *Module) target(ctx context.Context, have *State) (err error) {
	if have.args.State == absent {
		return nil
	}
	target := Target{Upgrade: have.Release.Status != helm.Absent && have.Release.Status != helm.Uninstalled}
	if target.Chart = have.Release.Chart; have.args.names(have.Release.Chart) {
		target.Values, err = m.composer(*have, target.Chart).compose()
		if err == nil && have.is(target) {
			have.Target = target
		}
		if err != nil || have.is(target) {
			return err
		}
	}
	if target.Chart, err = have.args.source().Load(ctx); err != nil {
		return err
	}
	if target.Values, err = m.composer(*have, target.Chart).compose(); err != nil {
		return err
	}
	have.Target = target
	return m.preview(ctx, have)
}

// preview renders what would be deployed, unless it is refused anyway.
func (m *Module) preview(ctx context.Context, have *State) (err error) {
	if have.is(have.Target) || refuse(have.args, have.Target.Chart, have.Target.Values) != nil || have.Release.Status.Underway() {
		return nil
	}
	have.Target.Manifest, err = m.helm.Preview(ctx, have.args.deployment(have.Target), have.Target.Upgrade)
	return err
}

// is reports whether the release is deployed as the target wants it.
func (s State) is(target Target) bool {
	return s.Release.Status == helm.Deployed && s.Release.Chart.ID() == target.Chart.ID() && reflect.DeepEqual(s.Release.Values, target.Values)
}

// names reports whether the options can mean no other chart than this one.
func (a Args) names(chart helm.Chart) bool {
	return helm.Exact(a.ChartVersion) && chart.Version == a.ChartVersion && chart.Name == a.chartName() && !a.source().Local()
}

func (a Args) source() helm.Source {
	return helm.Source{Ref: a.chartRef(), Repository: a.ChartRepoURL, Version: a.ChartVersion, Username: a.RepoUsername, Password: a.RepoPassword,
		CAFile: a.RepoCACert, Insecure: a.RepoInsecure, PlainHTTP: a.PlainHTTP}
}

func (m *Module) composer(have State, chart helm.Chart) composer {
	return composer{args: have.args, chart: chart, tempo: tempoVersion(chart, have.args.Values), checksum: m.checksum(have)}
}

// checksum is that of the credentials as they will be.
func (m *Module) checksum(have State) string {
	want := have.args.credentials()
	if !want.Owned {
		return have.Credentials.Checksum()
	}
	want.Salt = have.Credentials.Salt
	if want.Salt == "" {
		want.Salt = m.salt
	}
	return want.Checksum()
}
