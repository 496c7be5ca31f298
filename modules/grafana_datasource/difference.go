// SPDX-License-Identifier: AGPL-3.0-or-later

package datasource

import (
	"maps"
	"slices"
	"strings"

	"github.com/picluster/tracing/modules/internal/grafana"
	"github.com/picluster/tracing/modules/internal/secret"
)

// difference holds what differs between two data sources, masked, in the words
// of Grafana: only the keys that differ are in it. Nil is a data source that is
// not there.
func difference(have, made *grafana.Source) (before, after map[string]any) {
	before, after = map[string]any{}, map[string]any{}
	was, will := plain(have), plain(made)
	for _, key := range slices.Sorted(maps.Keys(union(was, will))) {
		part(before, after, key, was[key], will[key])
	}
	before, after = masked(before), masked(after)
	if made == nil {
		return before, after
	}
	written := map[string]any{}
	replaced := map[string]any{}
	for name := range made.Secrets {
		written[name] = secret.After
		if have != nil && slices.Contains(have.SecretsSet, name) {
			replaced[name] = secret.Before
		}
	}
	put(before, "secureJsonData", replaced)
	put(after, "secureJsonData", written)
	return before, after
}

// part goes into maps and into derived fields, so that foreign settings do not
// show.
func part(before, after map[string]any, key string, was, will any) {
	was, will = pruned(byName(key, was, will)), pruned(byName(key, will, was))
	if same(was, will) {
		return
	}
	wasMap, isMap := was.(map[string]any)
	willMap, alsoMap := will.(map[string]any)
	if isMap != alsoMap && !isUnset(was) && !isUnset(will) || !isMap && !alsoMap {
		set(before, key, was)
		set(after, key, will)
		return
	}
	below, above := map[string]any{}, map[string]any{}
	for inner := range union(wasMap, willMap) {
		part(below, above, inner, wasMap[inner], willMap[inner])
	}
	put(before, key, below)
	put(after, key, above)
}

func set(side map[string]any, key string, value any) {
	if !isUnset(value) {
		side[key] = value
	}
}

func put(side map[string]any, key string, value map[string]any) {
	if len(value) > 0 {
		side[key] = value
	}
}

// byName turns the list of derived fields into a map, in which each is compared
// with its namesake. Where a name is not of one field alone, on this side or on
// the other, the expression tells them apart, and then their order.
func byName(key string, value, other any) any {
	if key != derivedFields {
		return value
	}
	fields := map[string]any{}
	for _, field := range listOf(value) {
		label := nameOf(field)
		if max(count(value, label), count(other, label)) > 1 {
			label += " " + idOf(field).matcher
		}
		for fields[label] != nil {
			label += " (again)"
		}
		fields[label] = field
	}
	return fields
}

// count is how many derived fields have a name.
func count(fields any, name string) int {
	number := 0
	for _, field := range listOf(fields) {
		if nameOf(field) == name {
			number++
		}
	}
	return number
}

// plain is the data source without what Grafana decides itself. A uid that is
// empty is Grafana's to make.
func plain(s *grafana.Source) map[string]any {
	if s == nil {
		return map[string]any{}
	}
	shown := map[string]any{
		"name": s.Name, "type": s.Type, "access": s.Access, "url": s.URL, "user": s.User, "database": s.Database,
		"basicAuth": s.BasicAuth, "withCredentials": s.WithCredentials, "isDefault": s.IsDefault,
		"jsonData": maps.Clone(s.JSONData), "uid": s.UID,
	}
	if s.BasicAuth {
		shown["basicAuthUser"] = s.BasicAuthUser
	}
	unnoted(shown["jsonData"].(map[string]any))
	maps.DeleteFunc(shown, func(_ string, value any) bool { return value == "" || value == false })
	return shown
}

func union(a, b map[string]any) map[string]bool {
	all := map[string]bool{}
	for key := range a {
		all[key] = true
	}
	for key := range b {
		all[key] = true
	}
	return all
}

// keys names what differs, for one sentence.
func keys(before, after map[string]any) string {
	return strings.Join(slices.Sorted(maps.Keys(union(before, after))), ", ")
}
