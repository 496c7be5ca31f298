// SPDX-License-Identifier: AGPL-3.0-or-later

package datasource

import (
	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/grafana"
	"github.com/picluster/tracing/modules/internal/plan"
)

// Plan is the way from have to want: at most one change.
func (m *Module) Plan(want, have State) (plan.Plan, error) {
	wish, p := want.Wish.at(have).filed(have).legacy(have).streaming(have), plan.Plan{}
	path := "datasource/" + wish.Label
	if have.Via == viaConfigMap {
		return filePlan(wish, have, path)
	}
	if wish.Absent {
		return absence(wish, have, path)
	}
	if err := clash(wish, have); err != nil {
		return p, err
	}
	made := wish.onto(have.Source, have.SecretsWritten)
	if err := wish.Sample(&made); err != nil {
		return p, err
	}
	if have.Source == nil {
		return creation(wish, have, made, path)
	}
	have.unstreamed(&p)
	wish.stays(&p, &made)
	before, after := difference(have.Source, &made)
	if len(after) == 0 && len(before) == 0 {
		return p, unhealthy(wish, have)
	}
	p.Add(plan.Change{Path: path, Verb: plan.Update, Before: before, After: after, Payload: update{wish: wish, have: have.Source}})
	if have.Source.ReadOnly {
		return p, provisioned("update data source "+have.Source.Name, have.Origin, " and differs in "+keys(before, after), wish.filedAs(made, have.Origin))
	}
	return p, nil
}

func creation(wish *Wish, have State, made grafana.Source, path string) (plan.Plan, error) {
	p := plan.Plan{}
	switch {
	case wish.onlyRemoves():
		return p, nil // nothing to remove a field from
	case complete(wish, have, made) != nil:
		return p, complete(wish, have, made)
	}
	if have.UIDTaken {
		made.UID = "" // Grafana makes one
	}
	_, after := difference(nil, &made)
	p.Add(plan.Change{Path: path, Verb: plan.Create, After: after, Payload: create{source: made, wish: wish}})
	return p, nil
}

// complete refuses a new data source that lacks what Grafana insists on.
func complete(wish *Wish, have State, made grafana.Source) error {
	switch {
	case made.Type == "":
		return fault.New(fault.Usage, "", "create data source %s: ds_type is required", wish.Label)
	case made.URL == "" && needsURL[made.Type]:
		return unknown(wish, made.Type, have.Missing)
	}
	return nil
}

func absence(wish *Wish, have State, path string) (plan.Plan, error) {
	p, there := plan.Plan{}, have.Source
	switch {
	case there == nil:
		return p, nil
	case wish.UID != "" && wish.Name != "" && there.Name != wish.Name:
		return p, fault.New(fault.Conflict, "give the uid alone, or the right name", "delete data source %s: its name is %s and not %s", wish.UID, there.Name, wish.Name)
	case there.ReadOnly:
		return p, provisioned("delete data source "+there.Name, have.Origin, " which Grafana would read again", nil)
	}
	before, _ := difference(there, nil)
	p.Add(plan.Change{Path: path, Verb: plan.Delete, Before: before, Payload: remove{source: there}})
	return p, nil
}

// clash tells a taken name from a taken uid, and refuses a second default.
func clash(wish *Wish, have State) error {
	claims := wish.IsDefault != nil && *wish.IsDefault
	switch other := have.Namesake; {
	case other != nil && have.Source == nil:
		return fault.New(fault.Conflict, "leave uid out to use that data source, give uid: "+other.UID+", or choose another name",
			"create data source %s with uid %s: the name is taken by the data source with uid %s", wish.Name, wish.UID, other.UID)
	case other != nil:
		return fault.New(fault.Conflict, "rename or delete that data source first, or choose another name",
			"rename data source %s to %s: the name is taken by the data source with uid %s", have.Source.UID, wish.Name, other.UID)
	case claims && have.Default != "":
		return fault.New(fault.Conflict, "set is_default: false on that one first, or leave is_default out",
			"make data source %s the default: %s is it already", wish.Label, have.Default)
	}
	return nil
}

// unhealthy is an error only where the task asks for it, and only once nothing
// is left to change.
func unhealthy(wish *Wish, have State) error {
	if !wish.RequireHealthy || have.Health == nil || have.Health.Healthy {
		return nil
	}
	return fault.New(fault.Unreachable, "check ds_url from Grafana's own network, and that the data source runs",
		"check data source %s: %s", wish.Label, have.Health.Reason)
}

// needsURL are the types for which Grafana insists on one
// (grafana/grafana pkg/api/datasource/validation.go).
var needsURL = map[string]bool{
	"alertmanager": true, "elasticsearch": true, "graphite": true, "influxdb": true, "jaeger": true, "loki": true, "mssql": true,
	"mysql": true, "opentsdb": true, "postgres": true, "prometheus": true, "tempo": true, "zipkin": true,
}
