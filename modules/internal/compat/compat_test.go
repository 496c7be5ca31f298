// SPDX-License-Identifier: AGPL-3.0-or-later

package compat_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/compat"
)

func TestSpanHolds(t *testing.T) {
	cases := map[string]struct {
		reason  string
		span    compat.Span
		version string
		want    bool
	}{
		"first":          {"From is included", compat.Span{From: "2.0.0", Before: "3.0.0"}, "2.0.0", true},
		"last":           {"the newest patch before the end", compat.Span{From: "2.0.0", Before: "3.0.0"}, "2.99.99", true},
		"end":            {"Before is excluded", compat.Span{From: "2.0.0", Before: "3.0.0"}, "3.0.0", false},
		"older":          {"below From", compat.Span{From: "2.0.0"}, "1.9.9", false},
		"open at both":   {"every version", compat.Span{}, "0.0.1", true},
		"open below":     {"only an end", compat.Span{Before: "1.0.0"}, "0.27.0", true},
		"with a v":       {"as in image tags", compat.Span{From: "2.0.0"}, "v2.1.0", true},
		"short":          {"a missing part counts as 0", compat.Span{From: "2.1.0"}, "2.1", true},
		"pre-release":    {"it precedes its release", compat.Span{From: "3.0.0"}, "3.0.0-rc.1", false},
		"build metadata": {"it is ignored", compat.Span{From: "2.1.0", Before: "2.1.1"}, "2.1.0+k3s1", true},
		"no version":     {"it is in no span, not even in an open one", compat.Span{}, "latest", false},
		"nothing":        {"a chart without an appVersion", compat.Span{}, "", false},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, test.want, test.span.Holds(test.version), test.reason)
		})
	}
}

func TestFactsHave(t *testing.T) {
	facts := compat.Facts{
		{Subject: "a", Feature: "x", Span: compat.Span{Before: "2.0.0"}},
		{Subject: "a", Feature: "x", Span: compat.Span{From: "3.0.0"}},
		{Subject: "b", Feature: "y"},
	}
	require.True(t, facts.Has("a", "x", "1.0.0"), "the first row")
	require.False(t, facts.Has("a", "x", "2.5.0"), "between the rows")
	require.True(t, facts.Has("a", "x", "3.0.0"), "the second row of the same feature")
	require.False(t, facts.Has("a", "y", "1.0.0"), "another subject's feature")
	require.False(t, facts.Has("b", "x", "1.0.0"), "another feature of the subject")
}

func TestMajor(t *testing.T) {
	for version, want := range map[string]int64{"2.6.1": 2, "v3.0.3": 3, "10": 10, "": -1, "main-1a2b3c": -1} {
		require.Equal(t, want, compat.Major(version), version)
	}
}

func TestLater(t *testing.T) {
	for versions, want := range map[[2]string]string{{"2.9.0", "2.10.8"}: "2.10.8", {"3.0.3", "2.10.8"}: "3.0.3", {"2.10.8", "main"}: "2.10.8", {"main", "2.10.8"}: "main"} {
		require.Equal(t, want, compat.Later(versions[0], versions[1]), "%v", versions)
	}
}

func TestGrafanaHas(t *testing.T) {
	require.False(t, compat.GrafanaHas(compat.TracesToLogsV2, "9.3.16"), "the last with the old key")
	require.True(t, compat.GrafanaHas(compat.TracesToLogsV2, "9.4.0"), "the first with the new one")
	require.False(t, compat.GrafanaHas("something else", "12.0.0"))
}

// A row without a source cannot be looked up again, and one that spans nothing
// says nothing.
func TestEveryFactHasASourceAndASpan(t *testing.T) {
	for name, facts := range map[string]compat.Facts{
		"Tempo": compat.TempoFacts, "queries": compat.QueryFacts, "receivers": compat.ReceiverFacts, "Grafana": compat.GrafanaFacts,
	} {
		for _, fact := range facts {
			require.NotEmpty(t, fact.Source, "%s: %s", name, fact.Feature)
			require.NotEmpty(t, fact.Feature, name)
			require.NotEmpty(t, fact.Subject, "%s: %s", name, fact.Feature)
			if fact.From != "" {
				require.True(t, fact.Holds(fact.From), "%s: %s holds from its first version on", name, fact.Feature)
			}
			if fact.Before != "" {
				require.False(t, fact.Holds(fact.Before), "%s: %s ends", name, fact.Feature)
			}
		}
	}
}
