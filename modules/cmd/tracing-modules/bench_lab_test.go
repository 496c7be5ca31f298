// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build lab

package main

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/testkit"
)

// situation is one module with a world in which it has nothing to do.
type situation struct {
	module  string
	options map[string]any
	// requests returns those that were made since the last call.
	requests func() []string
	// limits of the issue that asks for the module; 0 is none.
	limit limit
}

type limit struct{ cpu, peak float64 }

// cost is what measured.py writes.
type cost struct {
	CPU  float64 `json:"cpu_seconds"`
	Peak float64 `json:"peak_kib"`
	Exit int     `json:"exit_status"`
}

// BenchmarkWarm starts the released program once in each round, as a task that
// has nothing to do. It prints the medians of processor time and of the peak of
// memory, each also as a ratio of its limit, and the requests of one run.
func BenchmarkWarm(b *testing.B) {
	b.Run("start", func(b *testing.B) { situation{module: "none"}.measure(b) })
	for name, prepare := range map[string]func(*testing.B) situation{
		"minio_tempo_bucket": store, "grafana_datasource": source, "k8s_apply": manifest, "tempo_helm": tempo, "traefik_tracing": traefik,
	} {
		settled := sync.OnceValue(func() situation { return prepare(b).settled(b, name) }) // a benchmark is called twice
		b.Run(name, func(b *testing.B) { settled().measure(b) })
	}
}

// settled lets the module do what there is to do, and wants that nothing is left.
func (s situation) settled(b *testing.B, module string) situation {
	b.Helper()
	s.module = module
	s.run(b, 0)
	_, result := s.run(b, 0)
	require.Equal(b, false, result["changed"], "%v", result)
	s.requests()
	return s
}

func (s situation) measure(b *testing.B) {
	var cpu, peak []float64
	want := 0
	if s.requests == nil {
		want = 1 // there is no such module, which takes a start to find out
	}
	b.ResetTimer()
	for range b.N {
		spent, _ := s.run(b, want)
		cpu, peak = append(cpu, spent.CPU*1000), append(peak, spent.Peak/1024)
	}
	b.StopTimer()
	b.ReportMetric(0, "ns/op") // it would be the time of this machine, with the launcher's
	report(b, "cpu-ms", median(cpu), s.limit.cpu)
	report(b, "peak-MiB", median(peak), s.limit.peak)
	if s.requests != nil {
		b.ReportMetric(float64(len(s.requests()))/float64(b.N), "requests")
	}
}

func report(b *testing.B, unit string, value, limit float64) {
	b.ReportMetric(value, unit)
	if limit > 0 {
		b.ReportMetric(value/limit, unit+"/limit")
	}
}

func median(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}

// run starts the program and wants it to end with this exit status.
func (s situation) run(b *testing.B, status int) (spent cost, result map[string]any) {
	b.Helper()
	input := maps.Clone(s.options)
	if input == nil {
		input = map[string]any{}
	}
	input["_ansible_module_name"] = "picluster.tracing." + s.module
	request, err := json.Marshal(input)
	require.NoError(b, err)
	file, launcher := filepath.Join(b.TempDir(), "cost"), filepath.Join("..", "..", "..", "tests", "bench", "measured.py")
	command := exec.Command(testkit.Env(b, "PYTHON"), "-IS", launcher, file, testkit.Env(b, "TRACING_MODULES"), "-")
	command.Stdin, command.Stderr = bytes.NewReader(request), os.Stderr
	out, err := command.Output()
	require.NoError(b, err)
	require.NoError(b, json.Unmarshal(out, &result), "%s", out)
	text, err := os.ReadFile(file)
	require.NoError(b, err)
	require.NoError(b, json.Unmarshal(text, &spent))
	require.Equal(b, status, spent.Exit, "%v", result)
	return spent, result
}
