// SPDX-License-Identifier: AGPL-3.0-or-later

package datasource

import (
	"maps"
	"slices"
	"strings"

	"github.com/picluster/tracing/modules/internal/grafana"
	"github.com/picluster/tracing/modules/internal/jsondata"
	"github.com/picluster/tracing/modules/internal/secret"
)

// difference holds what differs between two data sources, masked, in the words
// of Grafana: only the keys that differ are in it. Nil is a data source that is
// not there.
func difference(observed, made *grafana.Source) (before, after map[string]any) {
	before, after = jsondata.Difference(written(observed), written(made))
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

// written is the data source without what Grafana decides itself. A uid that is
// empty is Grafana's to make.
func written(s *grafana.Source) map[string]any {
	if s == nil {
		return map[string]any{}
	}
	fields := map[string]any{
		"name": s.Name, "type": s.Type, "access": s.Access, "url": s.URL, "user": s.User, "database": s.Database,
		"basicAuth": s.BasicAuth, "withCredentials": s.WithCredentials, "isDefault": s.IsDefault,
		"jsonData": maps.Clone(s.JSONData), "uid": s.UID,
	}
	if s.BasicAuth {
		fields["basicAuthUser"] = s.BasicAuthUser
	}
	withoutRecords(fields["jsonData"].(map[string]any))
	maps.DeleteFunc(fields, func(_ string, value any) bool { return value == "" || value == false })
	return fields
}

func put(side map[string]any, key string, value map[string]any) {
	if len(value) > 0 {
		side[key] = value
	}
}

// keys names what differs, for one sentence.
func keys(before, after map[string]any) string {
	all := maps.Clone(before)
	maps.Copy(all, after)
	return strings.Join(slices.Sorted(maps.Keys(all)), ", ")
}
