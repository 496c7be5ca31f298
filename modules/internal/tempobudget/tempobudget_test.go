// SPDX-License-Identifier: AGPL-3.0-or-later

package tempobudget

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/minio"
	"github.com/picluster/tracing/modules/internal/plan"
	"github.com/picluster/tracing/modules/internal/tempochart"
)

const gib = 1 << 30

func TestDecide(t *testing.T) {
	now := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	// grown is a store in which so many GiB came in so many hours.
	grown := func(gibibytes, hours float64) minio.Usage {
		return minio.Usage{Bytes: int64(gibibytes * gib), Largest: gib / 10, Blocks: 9, Since: now.Add(-time.Duration(hours * float64(time.Hour)))}
	}
	cases := map[string]struct {
		reason          string
		used            minio.Usage
		current, wanted string
		want            string
		warned, refused string
	}{
		"full":              {"18 of 20 GiB are planned, at 0.1 GiB an hour", grown(10, 100), "", "", "180h", "", ""},
		"full already":      {"the retention is reduced", grown(30, 100), "100h", "", "60h", "", ""},
		"the same again":    {"nothing changed", grown(30, 100), "60h", "", "60h", "", ""},
		"a little more":     {"less than a tenth is none", grown(31, 100), "60h", "", "60h", "", ""},
		"a little less":     {"nor is a small change in the other direction", grown(28, 100), "60h", "", "60h", "", ""},
		"much more":         {"the retention follows", grown(40, 100), "60h", "", "45h", "", ""},
		"hardly any":        {"a month at most", grown(1, 1000), "48h", "", "720h", "", ""},
		"no longer than":    {"what the options name", grown(1, 1000), "48h", "96h", "96h", "", ""},
		"above the options": {"however close to full it is", grown(1, 1000), "100h", "96h", "96h", "", ""},
		"below the floor":   {"never shorter than the floor", grown(100, 100), "48h", "", "24h", "holds only 18h of traces at the current rate of 24.0 GiB a day; they are kept for store_budget_floor, 24h, which takes about 24.0 GiB", ""},
		"no block yet":      {"there is no data yet", minio.Usage{}, "", "", "720h", "", ""},
		"no block, wanted":  {"what the options name", minio.Usage{}, "", "96h", "96h", "", ""},
		"no block, set":     {"the current retention is kept", minio.Usage{}, "48h", "96h", "48h", "", ""},
		"half an hour":      {"half an hour is too short to measure growth", grown(5, 0.5), "48h", "", "48h", "", ""},
		"minutes are kept":  {"minutes are not rounded", minio.Usage{}, "90m", "", "1h30m0s", "", ""},
		"not a duration":    {"as if none was set", grown(10, 100), "soon", "", "180h", "", ""},
		"one block":         {"not even one block fits", minio.Usage{Bytes: 21 * gib, Largest: 21 * gib, Blocks: 1, Since: now.Add(-2 * time.Hour)}, "", "", "", "", "store_budget 20Gi is less than one block"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			found := Config{Budget: "20Gi", Floor: "24h"}.Decide(test.used, test.current, test.wanted, now)
			require.Equal(t, test.want, found.Retention, test.reason)
			var p plan.Plan
			err := found.Plan(&p)
			if test.refused != "" {
				require.ErrorContains(t, err, test.refused, test.reason)
				require.Equal(t, fault.Unsupported, fault.KindOf(err))
				require.NotEmpty(t, fault.HintOf(err))
				return
			}
			require.NoError(t, err)
			if test.warned == "" {
				require.Empty(t, p.Warnings, test.reason)
				return
			}
			require.Len(t, p.Warnings, 1)
			require.Contains(t, p.Warnings[0], test.warned, test.reason)
		})
	}
}

// A store that cannot be looked at is no reason to delete anything.
func TestHidden(t *testing.T) {
	found := Config{Budget: "20Gi", Floor: "1h"}.Hidden(errors.New("no route"), "48h", "96h")
	require.Equal(t, "48h", found.Retention)
	require.Equal(t, "store_budget 20Gi: the object storage could not be read, so the retention stays as it is: no route", found.Warning)
}

func TestValidate(t *testing.T) {
	cases := map[string]struct {
		reason  string
		config  Config
		traces  tempochart.Config
		refused string
	}{
		"none":           {"no limit is set", Config{Floor: "1000h"}, tempochart.Config{Retention: "24h"}, ""},
		"a day":          {"the default", Config{Budget: "20Gi", Floor: "24h"}, tempochart.Config{}, ""},
		"above the most": {"both cannot hold", Config{Budget: "20Gi", Floor: "48h"}, tempochart.Config{Retention: "24h"}, "store_budget_floor 48h is longer than traces are kept at most, 24h"},
		"above a month":  {"which is the most without a retention", Config{Budget: "20Gi", Floor: "1000h"}, tempochart.Config{}, "kept at most, 720h"},
		"a volume": {"there is no object store with blocks", Config{Budget: "20Gi", Floor: "24h"}, tempochart.Config{Storage: "local"},
			"store_budget has no effect with storage: local, by which traces are kept on a volume"},
		"a volume alone": {"the floor has a default", Config{Floor: "24h"}, tempochart.Config{Storage: "local"}, ""},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			err := test.config.Validate(test.traces)
			if test.refused == "" {
				require.NoError(t, err, test.reason)
				return
			}
			require.ErrorContains(t, err, test.refused, test.reason)
			require.Equal(t, fault.Usage, fault.KindOf(err))
		})
	}
}
