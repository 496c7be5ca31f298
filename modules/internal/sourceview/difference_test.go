// SPDX-License-Identifier: AGPL-3.0-or-later

package sourceview

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/grafana"
	"github.com/picluster/tracing/modules/internal/jsondata"
)

func TestDifferenceOfFieldsOfTheSameName(t *testing.T) {
	a, b, c := traceLink("a=(.)", "x"), traceLink("b=(.)", "x"), traceLink("c=(.)", "x")
	observed, made := existing(map[string]any{jsondata.DerivedFields: []any{a, b}}), existing(map[string]any{jsondata.DerivedFields: []any{a, b, c}})
	before, after := Difference(observed, made)
	require.Empty(t, before)
	require.Equal(t, map[string]any{"jsonData": map[string]any{jsondata.DerivedFields: map[string]any{"TraceID c=(.)": c}}}, after)
	before, after = Difference(existing(map[string]any{jsondata.DerivedFields: []any{a, a}}), existing(map[string]any{jsondata.DerivedFields: []any{a}}))
	require.Equal(t, map[string]any{"jsonData": map[string]any{jsondata.DerivedFields: map[string]any{"TraceID a=(.) (again)": a}}}, before)
	require.Empty(t, after)
}

// there is a data source with that jsonData.
func existing(settings map[string]any) *grafana.Source {
	return &grafana.Source{UID: "x", Name: "X", Type: "loki", URL: "http://loki", Access: "proxy", OrgID: 1, JSONData: settings}
}

// traceLink is a derived field with a link to a data source.
func traceLink(matcher, uid string) map[string]any {
	return map[string]any{"name": "TraceID", "matcherRegex": matcher, "datasourceUid": uid, "url": "${__value.raw}"}
}

func TestDifferenceShowsOnlyWhatDiffers(t *testing.T) {
	observed := &grafana.Source{Name: "Loki", UID: "loki", Type: "loki", URL: "http://a", JSONData: map[string]any{
		"maxLines": 5.0, "deep": map[string]any{"same": 1.0, "gone": 2.0}, "apiToken": "S3CRET"}}
	made := *observed
	made.URL = "http://b"
	made.JSONData = map[string]any{"maxLines": 5.0, "deep": map[string]any{"same": 1.0, "new": 3.0}, "apiToken": "OTHER"}
	before, after := Difference(observed, &made)
	require.Equal(t, map[string]any{"url": "http://a", "jsonData": map[string]any{"deep": map[string]any{"gone": 2.0}, "apiToken": "***"}}, before)
	require.Equal(t, map[string]any{"url": "http://b", "jsonData": map[string]any{"deep": map[string]any{"new": 3.0}, "apiToken": "***"}}, after)
	before, after = Difference(observed, observed)
	require.Empty(t, before)
	require.Empty(t, after)
}
