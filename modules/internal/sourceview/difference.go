// SPDX-License-Identifier: AGPL-3.0-or-later

// Package sourceview shows a Grafana data source to users, without its secrets and
// without this collection's records: the difference between two versions, and what
// to add where it is provisioned by somebody else.
package sourceview

import (
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/sets"

	"github.com/picluster/tracing/modules/internal/grafana"
	"github.com/picluster/tracing/modules/internal/jsondata"
	"github.com/picluster/tracing/modules/internal/secret"
)

// Difference holds what differs between two data sources, masked, in the words of
// Grafana: only the keys that differ are in it. Nil is a data source that does
// not exist.
func Difference(observed, made *grafana.Source) (before, after map[string]any) {
	before, after = jsondata.Difference(Written(observed), Written(made))
	before, after = redacted(before), redacted(after)
	if made == nil {
		return before, after
	}
	sent, replaced := map[string]any{}, map[string]any{}
	for name := range made.Secrets {
		sent[name] = secret.After
		if observed != nil && slices.Contains(observed.SecretsSet, name) {
			replaced[name] = secret.Before
		}
	}
	put(before, "secureJsonData", replaced)
	put(after, "secureJsonData", sent)
	return before, after
}

// Written is the data source without what Grafana decides itself. A uid that is
// empty is Grafana's to make.
func Written(s *grafana.Source) map[string]any {
	if s == nil {
		return map[string]any{}
	}
	fields := map[string]any{
		"name": s.Name, "type": s.Type, "access": s.Access, "url": s.URL, "user": s.User, "database": s.Database,
		"basicAuth": s.BasicAuth, "withCredentials": s.WithCredentials, "isDefault": s.IsDefault,
		"jsonData": jsondata.WithoutRecords(s.JSONData), "uid": s.UID,
	}
	if s.BasicAuth {
		fields["basicAuthUser"] = s.BasicAuthUser
	}
	maps.DeleteFunc(fields, func(_ string, value any) bool { return value == "" || value == false })
	return fields
}

func put(side map[string]any, key string, value map[string]any) {
	if len(value) > 0 {
		side[key] = value
	}
}

// Keys names what differs, for one sentence.
func Keys(before, after map[string]any) string {
	return strings.Join(sets.List(sets.KeySet(before).Union(sets.KeySet(after))), ", ")
}

// redacted is for diffs: what is under sensitive keys is hidden.
func redacted(value map[string]any) map[string]any { return secret.Masked(value).(map[string]any) }
