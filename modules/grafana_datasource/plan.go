// SPDX-License-Identifier: AGPL-3.0-or-later

package datasource

import (
	"maps"
	"slices"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/grafana"
	"github.com/picluster/tracing/modules/internal/jsondata"
	"github.com/picluster/tracing/modules/internal/plan"
	"github.com/picluster/tracing/modules/internal/sourceview"
)

// Plan is the way from status to spec: at most one change by the API, and by a
// file what the object needs.
func (c *client) Plan(spec Spec, status Status) (plan.Plan, error) {
	if status.Absent != nil {
		return without(spec, status.Absent), nil
	}
	p := &planner{client: c, spec: spec, status: status, proposal: status.Proposal, path: "datasource/" + spec.label()}
	if status.Via == viaConfigMap {
		err := p.file()
		return p.plan, err
	}
	if spec.absent() {
		err := p.absence()
		return p.plan, err
	}
	err := p.presence()
	return p.plan, err
}

type planner struct {
	client   *client
	spec     Spec
	status   Status
	proposal Proposal
	path     string
	plan     plan.Plan
	// written is the object with a file that the plan writes, nil for none.
	written *grafana.ProvisioningObject
}

func (p *planner) add(path string, verb plan.Verb, before, after any, do do) {
	p.plan.Add(plan.Change{Path: path, Verb: verb, Before: before, After: after, Step: p.client.writer.Step(do)})
}

func (p *planner) presence() error {
	if err := p.conflict(); err != nil {
		return err
	}
	if _, err := p.spec.sampled(&p.proposal.Source); err != nil {
		return err
	}
	observed := p.status.Source
	if observed == nil {
		return p.creation()
	}
	p.status.warnOff(&p.plan)
	p.warnForeignFields()
	if !p.proposal.differs() {
		return p.unhealthy()
	}
	if p.acceptsProvisioned(observed) {
		p.plan.Warn("%s", p.refuseProvisioned(observed))
		return p.unhealthy()
	}
	p.warnSecrets()
	p.warnLogin()
	p.add(p.path, plan.Update, p.proposal.Before, p.proposal.After, p.client.updateSource(p.proposal, observed))
	if observed.ReadOnly {
		return p.refuseProvisioned(observed)
	}
	return nil
}

func (p *planner) creation() error {
	if p.proposal.onlyRemoves() {
		return nil // nothing to remove a field from
	}
	if p.status.hasNoTarget(p.spec) {
		p.plan = without(p.spec, p.withoutURL(p.proposal.Source.Type, p.status.Missing))
		return nil
	}
	if err := p.complete(); err != nil {
		return err
	}
	p.add(p.path, plan.Create, nil, p.proposal.After, p.client.createSource(p.proposal))
	return nil
}

// complete refuses a new data source that lacks what Grafana insists on.
func (p *planner) complete() error {
	made := p.proposal.Source
	switch {
	case made.Type == "":
		return fault.New(fault.Usage, "", "create data source %s: ds_type is required", p.spec.label())
	case made.URL == "" && needsURL(made.Type):
		return p.withoutURL(made.Type, p.status.Missing)
	}
	return nil
}

// withoutURL is the refusal when no URL is known.
func (p *planner) withoutURL(kind string, cause error) error {
	if cause == nil {
		return fault.New(fault.Usage, "", "create data source %s: ds_url is required for type %s", p.spec.label(), kind)
	}
	hint := "give ds_url, or kubeconfig so that it can be looked for"
	switch several := fault.KindOf(cause) == fault.Conflict; {
	case several && kind == "tempo":
		hint = "say which one with tempo_namespace and tempo_release, or give ds_url"
	case several:
		hint = "give ds_url"
	}
	return fault.Wrap(fault.KindOf(cause), hint, "create data source "+p.spec.label()+" without ds_url", cause)
}

func (p *planner) absence() error {
	switch observed := p.status.Source; {
	case observed == nil:
		return nil
	case p.spec.UID != "" && p.spec.Name != "" && observed.Name != p.spec.Name:
		return fault.New(fault.Conflict, "give the uid alone, or the right name", "delete data source %s: its name is %s and not %s", p.spec.UID, observed.Name, p.spec.Name)
	case p.status.leavesInPlace(p.spec):
		return p.restore()
	case observed.ReadOnly:
		return sourceview.Provisioned("delete data source "+observed.Name, p.status.Origin, " which Grafana would read again", nil)
	}
	before, _ := sourceview.Difference(p.status.Source, nil)
	p.add(p.path, plan.Delete, before, nil, p.client.deleteSource(p.status.Source))
	return nil
}

// conflict tells a taken name from a taken uid, and refuses a second default.
func (p *planner) conflict() error {
	claims := p.spec.IsDefault != nil && *p.spec.IsDefault
	switch other := p.status.Namesake; {
	case other != nil && p.status.Source == nil:
		return fault.New(fault.Conflict, "leave uid out to use that data source, give uid: "+other.UID+", or choose another name",
			"create data source %s with uid %s: the name is taken by the data source with uid %s", p.spec.Name, p.spec.UID, other.UID)
	case other != nil:
		return fault.New(fault.Conflict, "rename or delete that data source first, or choose another name",
			"rename data source %s to %s: the name is taken by the data source with uid %s", p.status.Source.UID, p.spec.Name, other.UID)
	case claims && p.status.Default != "":
		return fault.New(fault.Conflict, "set is_default: false on that one first, or leave is_default out",
			"make data source %s the default: %s is it already", p.spec.label(), p.status.Default)
	}
	return nil
}

// unhealthy is an error only where the task asks for it, and only once nothing
// is left to change.
func (p *planner) unhealthy() error {
	if !p.spec.RequireHealthy || p.status.Health == nil || p.status.Health.Healthy {
		return nil
	}
	return fault.New(fault.Unreachable, "check ds_url from Grafana's own network, and that the data source runs",
		"check data source %s: %s", p.spec.label(), p.status.Health.Reason)
}

// warnForeignFields warns of fields that the task wants removed and that this
// module has not made.
func (p *planner) warnForeignFields() {
	made, warned := p.proposal.Source, map[string]bool{}
	for _, removed := range p.spec.RemovedFields {
		if _, wanted := jsondata.Find(p.proposal.Settings, removed.Name); wanted || warned[removed.Name] {
			continue
		}
		if matcher, found := jsondata.Find(made.JSONData, removed.Name); found {
			warned[removed.Name] = true
			p.plan.Warn("derived field %s of data source %s stays: there is no record that this module made it; to remove it anyway give its matcher_regex: %s",
				removed.Name, made.Name, matcher)
		}
	}
}

// needsURL reports whether Grafana insists on a URL for the type
// (grafana/grafana pkg/api/datasource/validation.go).
func needsURL(dsType string) bool {
	switch dsType {
	case "alertmanager", "elasticsearch", "graphite", "influxdb", "jaeger", "loki", "mssql", "mysql", "opentsdb",
		"postgres", "prometheus", "tempo", "zipkin":
		return true
	}
	return false
}

// warnOff warns of what is left off.
func (s Status) warnOff(p *plan.Plan) {
	if s.Missing != nil && s.base() != nil {
		p.Warn("data source %s keeps its URL: %s", s.base().Name, s.Missing)
	}
	if s.Unlabelled != "" {
		p.Warn("Grafana %s knows no derived fields by label, which the log lines need: it takes 10.3, or lines that hold the trace ID", s.Unlabelled)
	}
	if s.Streaming == nil {
		return
	}
	for _, key := range slices.Sorted(maps.Keys(s.Streaming.Off)) {
		p.Warn("streaming of %s is left off: %s", key, s.Streaming.Off[key])
	}
}
