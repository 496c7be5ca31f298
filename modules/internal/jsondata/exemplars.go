// SPDX-License-Identifier: AGPL-3.0-or-later

package jsondata

import (
	"maps"
	"slices"

	"github.com/picluster/tracing/modules/internal/grafana"
	"github.com/picluster/tracing/modules/internal/option"
)

// Exemplars is the key of a Prometheus data source for where its exemplars lead. Its
// entries need not differ in their names: Grafana shows a link for each (grafana/grafana
// packages/grafana-prometheus/src/types.ts).
const Exemplars = "exemplarTraceIdDestinations"

// ExemplarsKey is the key of jsonData with the records of the entries that this
// collection has added there.
const ExemplarsKey = "picluster_exemplars"

// Prometheus are the typed settings of a Prometheus data source.
type Prometheus struct {
	Exemplars []Destination `json:"exemplars"`
}

// Destination is where exemplars lead that have a label of the name.
type Destination struct {
	Name          string `json:"name"`
	State         string `json:"state"`
	DatasourceUID string `json:"datasource_uid"`
}

// usualLabel is the label in which Tempo's exemplars have the trace ID
// (grafana/tempo modules/generator/processor, trace_id_label_name).
const usualLabel = "traceID"

func prometheusOptions() []option.Option {
	return []option.Option{
		{Name: "exemplars", Type: option.List, Elements: option.Map, Since: "1.1.0", Suboptions: []option.Option{
			{Name: "name", Type: option.Text, Default: usualLabel, Doc: []string{"Label of the exemplars that holds the trace ID."}},
			{Name: "datasource_uid", Type: option.Text, Check: grafana.CheckUID, Doc: []string{"The uid (not the name) of the data source with the traces. Required unless O(prometheus.exemplars[].state=absent)."}},
			{Name: "state", Type: option.Text, Default: "present", Choices: []string{"present", "absent"}, Doc: []string{"V(absent) removes what this module has added under the name."}},
		}, Doc: []string{
			"Links from exemplars to their traces. Other entries of C(exemplarTraceIdDestinations) stay as they are, even those of the same name; what this module adds is recorded in the data source under C(picluster_exemplars)."}},
	}
}

// Faults are the destinations that lead nowhere.
func (p *Prometheus) Faults() (texts []string) {
	if p == nil {
		return nil
	}
	for _, one := range p.Exemplars {
		if one.State != "absent" && one.DatasourceUID == "" {
			texts = append(texts, "prometheus.exemplars: "+one.Name+" leads to no data source")
		}
	}
	return texts
}

// Removes reports settings that ask for nothing but entries to be removed.
func (p *Prometheus) Removes() bool {
	return p != nil && len(p.Exemplars) > 0 && !slices.ContainsFunc(p.Exemplars, func(one Destination) bool { return one.State != "absent" })
}

// Apply puts the destinations into jsonData, with the records of those that it adds,
// and takes out others that it added before under their names.
func (p *Prometheus) Apply(settings map[string]any) {
	if p == nil || len(p.Exemplars) == 0 {
		return
	}
	list, records := slices.Clone(listOf(settings[Exemplars])), slices.Clone(listOf(settings[ExemplarsKey]))
	records = slices.DeleteFunc(records, func(record any) bool { return !contains(list, record) }) // somebody has removed those
	isUnwanted := func(entry any) bool { return p.names(entry) && contains(records, entry) && !p.wants(entry) }
	list = slices.DeleteFunc(list, isUnwanted)
	records = slices.DeleteFunc(records, isUnwanted)
	for _, one := range p.Exemplars {
		if entry := one.entry(); one.State != "absent" && !contains(list, entry) {
			list, records = append(list, entry), append(records, maps.Clone(entry))
		}
	}
	keep(settings, Exemplars, list)
	keep(settings, ExemplarsKey, records)
}

// OthersExemplars puts into the settings of a data source the destinations that are
// not this collection's.
func OthersExemplars(settings, observed map[string]any) {
	records := listOf(observed[ExemplarsKey])
	if len(records) == 0 {
		return
	}
	keep(settings, Exemplars, slices.DeleteFunc(slices.Clone(listOf(observed[Exemplars])), func(entry any) bool { return contains(records, entry) }))
}

func keep(settings map[string]any, key string, list []any) {
	delete(settings, key)
	if len(list) > 0 {
		settings[key] = list
	}
}

func (d Destination) entry() map[string]any {
	return map[string]any{"name": d.Name, "datasourceUid": d.DatasourceUID}
}

// names reports an entry of a name that the task speaks of, and wants one that it
// asks for.
func (p *Prometheus) names(entry any) bool {
	return slices.ContainsFunc(p.Exemplars, func(one Destination) bool { return one.Name == nameOf(entry) })
}

func (p *Prometheus) wants(entry any) bool {
	return slices.ContainsFunc(p.Exemplars, func(one Destination) bool { return one.State != "absent" && contains([]any{one.entry()}, entry) })
}

// contains reports whether a list has an entry of the same label that leads to the
// same data source.
func contains(list []any, entry any) bool {
	return slices.ContainsFunc(list, func(one any) bool { return nameOf(one) == nameOf(entry) && uidOf(one) == uidOf(entry) })
}

func uidOf(entry any) string {
	fields, _ := entry.(map[string]any)
	return Text(fields["datasourceUid"])
}
