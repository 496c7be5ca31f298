// SPDX-License-Identifier: AGPL-3.0-or-later

package ownership_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/overlay"
	"github.com/picluster/tracing/modules/internal/ownership"
)

// Records stored in clusters stay readable forever.
func TestParseRecordsOfBothModules(t *testing.T) {
	text := "port: 80\n"
	cases := map[string]struct {
		reason, record string
		want           *ownership.Record
	}{
		"Traefik's": {"in an annotation", `{"created":true,"failurePolicy":"retry","text":"port: 80\n","sum":"ab","priors":null}`,
			&ownership.Record{Created: true, FailurePolicy: "retry", Text: &text, Sum: "ab"}},
		"Linkerd's": {"in a ConfigMap", `{"priors":null,"installed":true}`, &ownership.Record{Installed: true}},
		"none":      {"nothing is owned", "", nil},
		"broken":    {"the settings are treated as the user's", "{", nil},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got := ownership.Parse(c.record)
			require.Equal(t, c.want, got, c.reason)
			if got != nil {
				require.Equal(t, got, ownership.Parse(got.String()))
			}
		})
	}
}

// Values that nobody has changed since are restored exactly, others without
// what is owned.
func TestValuesBefore(t *testing.T) {
	const before = "# ports\nport:   80\n"
	entries := []overlay.Setting{{Path: []string{"tracing", "enabled"}, Value: true}}
	tree, err := overlay.Parse(before)
	require.NoError(t, err)
	laid, replaced, err := overlay.Apply(tree, entries)
	require.NoError(t, err)
	written, _, err := overlay.Rewrite(before, laid)
	require.NoError(t, err)
	long := strings.Repeat("# long\n", 20000) + before

	cases := map[string]struct {
		reason, kept, now, want string
	}{
		"unchanged": {"the stored text is returned", "# as it was\nport:   80\n", written, "# as it was\nport:   80\n"},
		"changed":   {"an edit is kept", before, written + "host: pi\n", "# ports\nport: 80\nhost: pi\n"},
		"too long":  {"the text was not stored", long, written, "# ports\nport: 80\n"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			record := &ownership.Record{Replaced: replaced}
			record.Keep(c.kept, written)
			current, err := overlay.Parse(c.now)
			require.NoError(t, err)
			got, _, err := record.Before(c.now, current)
			require.NoError(t, err)
			require.Equal(t, c.want, got, c.reason)
		})
	}
	var none *ownership.Record
	got, _, err := none.Before(before, tree)
	require.NoError(t, err)
	require.Equal(t, before, got, "nothing is owned")
	require.False(t, none.Wrote(before))
}

func TestStaleSettings(t *testing.T) {
	wanted := []overlay.Setting{{Path: []string{"a"}, Value: 1}}
	_, replaced, err := overlay.Apply(map[string]any{}, append(wanted, overlay.Setting{Path: []string{"b"}, Value: 2}))
	require.NoError(t, err)
	var names []string
	for _, previous := range (&ownership.Record{Replaced: replaced}).Stale(wanted) {
		names = append(names, previous.String())
	}
	require.Equal(t, []string{"b"}, names)
	require.Nil(t, (*ownership.Record)(nil).Stale(wanted))
}

func TestOnlyOurs(t *testing.T) {
	record := &ownership.Record{Replaced: []overlay.Previous{
		{Path: []string{"tracing"}, Container: true},
		{Path: []string{"tracing", "endpoint"}, Set: "new"},
		{Path: []string{"level"}, Had: true, Before: "warn", Set: "info"},
		{Path: []string{"args"}, Item: "rate", Set: "--rate=1"},
	}}
	tree := func(text string) map[string]any {
		parsed, err := overlay.Parse(text)
		require.NoError(t, err)
		return parsed
	}
	now := tree("{tracing: {endpoint: new}, level: info, args: [--ping, --rate=1], user: 1}")
	cases := map[string]struct {
		reason, before string
		want           bool
	}{
		"the same":              {"nothing differs", "{tracing: {endpoint: new}, level: info, args: [--ping, --rate=1], user: 1}", true},
		"before us":             {"before our first change", "{level: warn, args: [--ping], user: 1}", true},
		"earlier settings":      {"set by another run, before the record", "{tracing: {endpoint: old}, level: info, args: [--ping, --rate=0.5], user: 1}", true},
		"a value of the user's": {"a value of the user differs", "{tracing: {endpoint: new}, level: info, args: [--ping, --rate=1], user: 2}", false},
		"an item of the user's": {"a value of the user differs", "{tracing: {endpoint: new}, level: info, args: [--rate=1], user: 1}", false},
		"beside ours":           {"in a map that we created", "{tracing: {endpoint: new, more: 1}, level: info, args: [--ping, --rate=1], user: 1}", false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, c.want, record.OnlyOurs(tree(c.before), now), c.reason)
		})
	}
	var none *ownership.Record
	require.False(t, none.OnlyOurs(nil, nil), "nothing was set")
}
