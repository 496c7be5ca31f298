// SPDX-License-Identifier: AGPL-3.0-or-later

package tempo

import (
	"context"
	"fmt"

	core "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/secret"
)

// Observe reads what is there. The chart is read only when the release differs
// from what the options ask for, or when only the chart can tell.
func (m *Module) Observe(ctx context.Context, args Args) (State, error) {
	if err := m.connect(args); err != nil {
		return State{}, err
	}
	have := State{args: args}
	steps := []func(context.Context, *State) error{m.secrets, m.namespace, m.holder, m.objects, m.owner, m.claims, m.target, m.nodes, m.rehearse, m.drift}
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
	if m.authority, err = args.authority(); err != nil {
		return err
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
		Hide: args.hide,
	})
	return nil
}

// hide takes the task's secrets out of a text that is stored in the cluster.
func (a Args) hide(text string) string {
	known := &secret.Redactor{}
	known.Add(append(secret.Within(a.Values), a.S3.SecretKey, a.RepoPassword, a.APIKey)...)
	return known.Text(text)
}

// ownerLabel marks the credentials Secret in the way in which Helm marks its
// release records, so that one request finds both.
const ownerLabel = kube.Manager

// secrets reads the release's records, the credentials and the CA.
func (m *Module) secrets(ctx context.Context, have *State) error {
	releases, read, err := m.records(ctx, have.args)
	if err != nil {
		return err
	}
	if len(releases) > 0 {
		have.Release = releases[0]
	}
	live, err := m.secret(ctx, have.args.Namespace, have.args.credentials().Name, read)
	if err != nil {
		return err
	}
	if live != nil {
		have.Credentials = found(*live)
	}
	return m.trusted(ctx, have, read)
}

// records reads the release's revisions, the newest first, and with them the
// Secrets that are named like it. Superseded revisions are left out: each holds a
// whole chart.
func (m *Module) records(ctx context.Context, args Args) (releases []helm.Release, read []core.Secret, err error) {
	selector := fmt.Sprintf("%s=%s,%s in (%s,%s),%s!=%s", helm.NameLabel, args.Release,
		helm.OwnerLabel, helm.Owner, ownerLabel, helm.StatusLabel, helm.Superseded)
	list, err := m.clients.Core.Secrets(args.Namespace).List(ctx, meta.ListOptions{LabelSelector: selector})
	if err != nil {
		return nil, nil, kube.Fault("read release "+args.Namespace+"/"+args.Release, err)
	}
	releases, err = helm.FromSecrets(list.Items)
	return releases, list.Items, err
}

// secret finds a Secret among those that were read, else by its name; nil when
// it is not there.
func (m *Module) secret(ctx context.Context, namespace, name string, read []core.Secret) (*core.Secret, error) {
	if live := named(read, name); live != nil {
		return live, nil
	}
	live, err := m.clients.Core.Secrets(namespace).Get(ctx, name, meta.GetOptions{})
	if apierrors.IsNotFound(err) {
		return nil, nil
	}
	return live, kube.Fault("read secret "+name, err)
}

func named(read []core.Secret, name string) *core.Secret {
	for i := range read {
		if read[i].Name == name {
			return &read[i]
		}
	}
	return nil
}

// trusted asks for the CA by its name only where one is wanted; one of the
// module's own is among the Secrets that were read.
func (m *Module) trusted(ctx context.Context, have *State, read []core.Secret) (err error) {
	live := named(read, have.args.authorityName())
	if m.authority.Name != "" {
		live, err = m.secret(ctx, have.args.Namespace, m.authority.Name, read)
	}
	if live != nil {
		have.Authority = foundAuthority(*live)
	}
	return err
}

// namespace is read when it is to be made or to be marked; a release that was
// found says that it is there.
func (m *Module) namespace(ctx context.Context, have *State) error {
	args := have.args
	have.Namespace = Namespace{Name: args.Namespace, Found: true}
	marked := len(args.NamespaceLabels)+len(args.NamespaceAnnotations) > 0
	switch here := have.Release.Status != helm.Absent && !marked; {
	case here && args.State == present:
		return nil
	case here && !args.RemoveSpace:
		have.Namespace.Going = m.clients.Gone(ctx, args.Namespace)
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
	have.Namespace.Going = kube.Going(live)
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
