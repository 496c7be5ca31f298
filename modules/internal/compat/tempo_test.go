// SPDX-License-Identifier: AGPL-3.0-or-later

package compat_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/compat"
)

// tempoBorders are the versions on both sides of each border, as they were
// released: has are some that have the feature, lacks some that do not.
var tempoBorders = map[string]struct {
	subject    string
	feature    compat.Feature
	has, lacks []string
}{
	"distributed known":             {compat.TempoDistributed, compat.Known, []string{"0.27.0", "2.26.2", "3.3.0"}, []string{"0.26.8"}},
	"monolithic known":              {compat.TempoMonolithic, compat.Known, []string{"0.16.5", "2.2.2"}, []string{"0.16.4"}},
	"distributed retention":         {compat.TempoDistributed, compat.Retention, []string{"0.27.0", "3.3.0"}, []string{"0.26.8"}},
	"monolithic retention":          {compat.TempoMonolithic, compat.Retention, []string{"0.16.6", "1.24.0"}, []string{"0.16.5"}},
	"distributed search switch":     {compat.TempoDistributed, compat.SearchSwitch, []string{"0.27.0", "0.31.0"}, []string{"1.0.0"}},
	"monolithic search switch":      {compat.TempoMonolithic, compat.SearchSwitch, []string{"0.16.6"}, []string{"1.0.0"}},
	"minio subchart":                {compat.TempoDistributed, compat.MinioSubchart, []string{"0.27.0", "2.26.2"}, []string{"0.26.8", "3.0.0"}},
	"monolithic minio subchart":     {compat.TempoMonolithic, compat.MinioSubchart, nil, []string{"0.16.6", "2.2.2"}},
	"distributed global_overrides":  {compat.TempoDistributed, compat.GlobalOverrides, []string{"0.27.0", "1.32.7"}, []string{"1.33.0"}},
	"monolithic global_overrides":   {compat.TempoMonolithic, compat.GlobalOverrides, []string{"0.16.6", "1.18.3"}, []string{"1.19.0"}},
	"distributed fixed processors":  {compat.TempoDistributed, compat.FixedProcessors, []string{"0.27.19", "1.8.4"}, []string{"0.27.18", "1.8.5"}},
	"monolithic fixed processors":   {compat.TempoMonolithic, compat.FixedProcessors, []string{"0.16.6", "1.18.3"}, []string{"1.19.0"}},
	"kafka required":                {compat.TempoDistributed, compat.KafkaRequired, []string{"3.0.0", "3.3.0"}, []string{"2.26.2"}},
	"kafka optional":                {compat.TempoDistributed, compat.KafkaOptional, []string{"2.24.0", "2.26.2"}, []string{"2.23.0", "3.0.0"}},
	"ingester":                      {compat.TempoDistributed, compat.Ingester, []string{"0.27.0", "2.26.2"}, []string{"3.0.0"}},
	"backend scheduler":             {compat.TempoDistributed, compat.BackendScheduler, []string{"2.17.0", "3.3.0"}, []string{"2.16.9"}},
	"backend worker's budget":       {compat.TempoDistributed, compat.WorkerBudget, []string{"2.17.0", "3.3.0"}, []string{"2.16.9"}},
	"headless memcached":            {compat.TempoDistributed, compat.HeadlessMemcached, []string{"2.17.10"}, []string{"2.17.9"}},
	"metrics generator's volume":    {compat.TempoDistributed, compat.GeneratorVolume, []string{"1.8.4", "3.0.0"}, []string{"1.8.3"}},
	"broken opencensus default":     {compat.TempoMonolithic, compat.BrokenOpenCensus, []string{"2.2.1"}, []string{"2.2.0", "2.2.2"}},
	"opencensus null":               {compat.TempoMonolithic, compat.NullOpenCensus, []string{"0.16.6", "2.2.1"}, []string{"2.2.2"}},
	"no ingesters":                  {compat.TempoDistributed, compat.NoIngesters, []string{"1.13.0", "1.13.1"}, []string{"1.12.1", "1.13.2"}},
	"opencensus in 2.9":             {compat.Tempo, compat.OpenCensus, []string{"1.5.0", "2.9.2"}, []string{"2.9.3"}},
	"opencensus in 2.10":            {compat.Tempo, compat.OpenCensus, []string{"2.10.0", "2.10.5"}, []string{"2.10.6", "3.0.0"}},
	"tls_ keys":                     {compat.Tempo, compat.TLSKeys, []string{"2.2.0", "3.0.3"}, []string{"2.1.1", "1.5.0"}},
	"prefix":                        {compat.Tempo, compat.Prefix, []string{"2.2.0"}, []string{"2.1.1"}},
	"live store":                    {compat.TempoMonolithic, compat.LiveStore, []string{"3.0.0", "3.1.1"}, []string{"2.2.4"}},
	"worker without retention":      {compat.TempoMonolithic, compat.WorkerIgnoresRetention, []string{"3.0.0", "3.1.0"}, []string{"2.2.4", "3.1.1"}},
	"distributed ballast":           {compat.TempoDistributed, compat.Ballast, []string{"0.27.9", "1.55.0"}, []string{"1.56.0"}},
	"monolithic ballast":            {compat.TempoMonolithic, compat.Ballast, []string{"0.16.6", "2.2.4"}, []string{"3.0.0"}},
	"memory limit of Go":            {compat.TempoDistributed, compat.GoSettings, []string{"2.12.0", "3.3.0"}, []string{"2.11.0"}},
	"distributed on Kubernetes":     {compat.TempoDistributed, compat.KubernetesBound, []string{"2.0.0"}, []string{"1.61.3"}},
	"monolithic on Kubernetes":      {compat.TempoMonolithic, compat.KubernetesBound, []string{"3.0.0"}, []string{"2.2.4"}},
	"config.verify":                 {compat.Tempo, compat.VerifyFlag, []string{"2.1.0", "3.0.3"}, []string{"2.0.1"}},
	"automemlimit":                  {compat.Tempo, compat.AutoMemLimit, []string{"3.0.0"}, []string{"2.10.8"}},
	"scoped overrides":              {compat.Tempo, compat.ScopedOverrides, []string{"3.0.0"}, []string{"2.10.8"}},
	"flush":                         {compat.Tempo, compat.Flush, []string{"1.5.0", "2.10.8"}, []string{"3.0.0"}},
	"local blocks":                  {compat.Tempo, compat.LocalBlocks, []string{"2.4.0", "2.10.8"}, []string{"2.3.1", "3.0.0"}},
	"distributed place of blocks":   {compat.TempoDistributed, compat.LocalBlocksPlace, []string{"1.8.4", "2.26.2"}, []string{"1.8.3", "3.0.0"}},
	"monolithic place of blocks":    {compat.TempoMonolithic, compat.LocalBlocksPlace, []string{"1.21.0", "2.2.4"}, []string{"1.20.0", "3.0.0"}},
	"distributed blocks' settings":  {compat.TempoDistributed, compat.LocalBlocksSettings, []string{"1.8.4", "2.26.2"}, []string{"1.8.3", "3.0.0"}},
	"monolithic blocks' settings":   {compat.TempoMonolithic, compat.LocalBlocksSettings, []string{"1.24.2", "2.2.4"}, []string{"1.24.1", "3.0.0"}},
	"TraceQL metrics":               {compat.Tempo, compat.TraceMetrics, []string{"2.6.0", "3.0.3"}, []string{"2.5.0"}},
	"a chart that is not described": {"another-tempo", compat.Known, nil, []string{"1.0.0"}},
}

func TestTempoFacts(t *testing.T) {
	for name, test := range tempoBorders {
		t.Run(name, func(t *testing.T) {
			for _, version := range test.has {
				require.True(t, compat.TempoHas(test.subject, test.feature, version), "%s has it", version)
			}
			for _, version := range test.lacks {
				require.False(t, compat.TempoHas(test.subject, test.feature, version), "%s lacks it", version)
			}
		})
	}
}

// A row that no test asks for may say anything.
func TestEveryRowOfTempoHasABorder(t *testing.T) {
	for _, fact := range compat.TempoFacts {
		for _, border := range []string{fact.From, fact.Before} {
			if border != "" {
				require.True(t, tested(fact, border), "%s %s %s", fact.Subject, fact.Feature, border)
			}
		}
	}
}

func tested(fact compat.Fact, border string) bool {
	for _, test := range tempoBorders {
		if test.subject == fact.Subject && test.feature == fact.Feature && (slices.Contains(test.has, border) || slices.Contains(test.lacks, border)) {
			return true
		}
	}
	return false
}

func TestQueryFacts(t *testing.T) {
	cases := map[compat.Feature]struct{ has, lacks []string }{
		compat.TraceV2:        {[]string{"2.6.0", "3.0.3"}, []string{"2.5.0", "1.5.0"}},
		compat.SearchOptional: {[]string{"1.5.0"}, []string{"2.0.0", "3.0.0"}},
		compat.SearchDelayed:  {[]string{"3.0.0"}, []string{"2.10.6"}},
		compat.MetricsStream:  {[]string{"2.6.0"}, []string{"2.5.0"}},
	}
	require.Len(t, cases, len(compat.QueryFacts))
	for feature, test := range cases {
		for _, version := range test.has {
			require.True(t, compat.QueryFacts.Has(compat.Tempo, feature, version), "%s has %s", version, feature)
		}
		for _, version := range test.lacks {
			require.False(t, compat.QueryFacts.Has(compat.Tempo, feature, version), "%s lacks %s", version, feature)
		}
	}
}

func TestReceiverFacts(t *testing.T) {
	require.False(t, compat.ReceiverFacts.Has(compat.Tempo, compat.LocalReceivers, "2.6.1"))
	require.True(t, compat.ReceiverFacts.Has(compat.Tempo, compat.LocalReceivers, "2.7.0"))
}

func TestTempoComponents(t *testing.T) {
	cases := map[string]struct {
		reason string
		want   []string
	}{
		"0.27.9": {"the oldest", []string{"compactor", "distributor", "ingester", "metricsGenerator", "querier", "queryFrontend"}},
		"2.16.9": {"the last without a scheduler", []string{"compactor", "distributor", "ingester", "metricsGenerator", "querier", "queryFrontend"}},
		"2.17.0": {"scheduler and worker", []string{"backendScheduler", "backendWorker", "compactor", "distributor", "ingester", "metricsGenerator", "querier", "queryFrontend"}},
		"2.26.2": {"both write paths", []string{"backendScheduler", "backendWorker", "blockBuilder", "compactor", "distributor", "ingester", "liveStore", "metricsGenerator", "querier", "queryFrontend"}},
		"3.3.0":  {"no ingester, no compactor", []string{"backendScheduler", "backendWorker", "blockBuilder", "distributor", "liveStore", "metricsGenerator", "querier", "queryFrontend"}},
		"main":   {"no version", nil},
	}
	for version, test := range cases {
		t.Run(version, func(t *testing.T) {
			require.Equal(t, test.want, compat.TempoComponents(version), test.reason)
		})
	}
}
