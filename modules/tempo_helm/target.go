// SPDX-License-Identifier: AGPL-3.0-or-later

package tempo

import (
	"context"
	"reflect"

	"github.com/picluster/tracing/modules/internal/helm"
)

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
	if have.is(have.Target) || refuse(have.args, have.Target.Chart, have.Target.Values) != nil || have.stuck() != nil {
		return nil
	}
	if err := m.chartOwner(ctx, have); err != nil || have.kept() {
		return err
	}
	if have.Namespace.Going == nil && have.Release.Status != helm.Absent {
		have.Namespace.Going = m.clients.Gone(ctx, have.args.Namespace)
	}
	if have.Namespace.Going != nil {
		return nil // the plan tells
	}
	have.Target.Manifest, err = m.helm.Preview(ctx, have.Release, have.args.deployment(have.Target))
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
	return composer{args: have.args, chart: chart, tempo: have.args.tempoVersion(chart), checksum: m.checksum(have), authority: m.authority}
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
