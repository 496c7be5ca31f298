// SPDX-License-Identifier: AGPL-3.0-or-later

package linkerd

import (
	"context"
	"errors"
	"strings"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/helm"
)

// rehearse renders the wanted values, where they differ, so that what the chart
// refuses is told before anything is written.
func (m *Module) rehearse(ctx context.Context, args Args, have State) error {
	wanted, err := have.draft(args.wish())
	if err != nil || wanted.gone || have.Unmanaged != nil || have.Going != nil || have.Owner.Foreign() && !args.Force || !wanted.differs(have) {
		return nil // the plan tells the error
	}
	chart, err := m.chart(ctx, args, have)
	if err != nil {
		return err
	}
	client, err := m.helm(args, have.Release.Namespace)
	if err != nil {
		return err
	}
	_, err = client.Preview(ctx, have.Release, helm.Deployment{Name: have.Release.Name, Chart: chart, Values: wanted.values, SkipCRDs: true})
	if err != nil {
		return fault.As(fault.Rejected, "look at the chart's own words", "render "+chart.ID()+" with the traces", brief(err))
	}
	return nil
}

// chart is the release's own, or the extension's from its repository.
func (m *Module) chart(ctx context.Context, args Args, have State) (helm.Chart, error) {
	if have.Release.Status != helm.Absent {
		return have.Release.Chart, nil
	}
	source := helm.Source{Ref: args.ChartRef, Repository: args.ChartRepoURL, Version: args.ChartVersion, Username: args.ChartUser, Password: args.ChartPassword, CAFile: args.ChartCA}
	if args.ChartVersion == "" && !source.Local() {
		return helm.Chart{}, fault.New(fault.Usage, "set chart_version (linkerd_jaeger_chart_version) to the one of Linkerd "+have.Version+", such as 30.4.4 for stable-2.12.2",
			"install chart %s: which version fits Linkerd %s has to be said", args.ChartRef, have.Version)
	}
	return source.Load(ctx)
}

// brief is the last line of Helm's error, which is the template's own word.
func brief(err error) error {
	text := strings.TrimSpace(err.Error())
	if at := strings.LastIndex(text, "error calling fail: "); at >= 0 {
		text = text[at+len("error calling fail: "):]
	}
	return errors.New(text)
}

func (m *Module) helm(args Args, namespace string) (*helm.Client, error) {
	loader, err := args.ClientConfig()
	if err != nil {
		return nil, err
	}
	return helm.New(helm.Access{Config: m.clients.Config, Loader: loader, Namespace: namespace, Secrets: m.clients.Core.Secrets(namespace)}), nil
}
