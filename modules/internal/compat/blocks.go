// SPDX-License-Identifier: AGPL-3.0-or-later

package compat

import (
	"cmp"
	"slices"

	"github.com/Masterminds/semver/v3"
)

// BlockFormat is a form in which Tempo keeps traces in the object storage.
type BlockFormat struct {
	// Name as meta.json and storage.trace.block.version have it.
	Name string
	// Reads are the versions of Tempo that support reading it, Writes those that
	// write it by default, and Chosen those that can be configured to write it.
	Reads, Writes, Chosen Span
	// Source is where this was read.
	Source string
}

// blockFormats are all, the oldest first. Tempo 3 still has code for vParquet3,
// which its own pages call unsupported
// (docs/sources/tempo/set-up-for-tracing/setup-tempo/migrate-to-3.md): nobody
// should count on it.
var blockFormats = []BlockFormat{
	{"v2", Span{Before: "3.0.0"}, Span{Before: "2.0.0"}, Span{Before: "3.0.0"}, "grafana/tempo tempodb/encoding/versioned.go@v1.5.0..v2.10.8"},
	{"vParquet", Span{From: "1.5.0", Before: "2.5.0"}, Span{From: "2.0.0", Before: "2.2.0"}, Span{From: "1.5.0", Before: "2.5.0"},
		"grafana/tempo tempodb/encoding/versioned.go@v1.5.0..v2.4.2; gone in v2.5.0"},
	{"vParquet2", Span{From: "2.1.0", Before: "2.10.0"}, Span{From: "2.2.0", Before: "2.4.0"}, Span{From: "2.1.0", Before: "2.10.0"},
		"grafana/tempo tempodb/encoding/versioned.go@v2.1.0..v2.9.3; gone in v2.10.0"},
	{"vParquet3", Span{From: "2.3.0", Before: "3.0.0"}, Span{From: "2.4.0", Before: "2.6.0"}, Span{From: "2.3.0", Before: "3.1.0"},
		"grafana/tempo tempodb/encoding/versioned.go from v2.3.0; release notes of 3.0 and 3.1: read from vParquet4 on, no longer written from 3.1"},
	{"vParquet4", Span{From: "2.5.0"}, Span{From: "2.6.0", Before: "3.1.0"}, Span{From: "2.5.0"}, "grafana/tempo tempodb/encoding/versioned.go from v2.5.0"},
	{"vParquet5", Span{From: "2.9.0"}, Span{From: "3.1.0"}, Span{From: "2.9.0"}, "grafana/tempo tempodb/encoding/versioned.go from v2.9.0; the default from 3.1 on"},
}

// BlockFormats returns all known formats, the oldest first.
func BlockFormats() []BlockFormat { return slices.Clone(blockFormats) }

// BlockFormatNamed returns the format of that name, and whether there is one.
func BlockFormatNamed(name string) (format BlockFormat, ok bool) {
	at := slices.IndexFunc(blockFormats, func(f BlockFormat) bool { return f.Name == name })
	if at < 0 {
		return BlockFormat{}, false
	}
	return blockFormats[at], true
}

// WrittenBy returns the format that a Tempo writes by default, "" for what is not a
// version.
func WrittenBy(tempo string) string {
	for _, format := range blockFormats {
		if format.Writes.Holds(tempo) {
			return format.Name
		}
	}
	return ""
}

// tempoSteps are the releases of Tempo to upgrade through: each reads what the one
// before wrote.
var tempoSteps = []string{"1.5.0", "2.1.1", "2.4.2", "2.8.2", "2.10.8", "3.0.3"}

// StepsBetween returns the versions of Tempo to upgrade through between two, so that
// each reads what the one before wrote; none if the last reads the blocks of the
// first.
func StepsBetween(from, to string) (steps []string) {
	for at := from; !readsOf(to, at); {
		next := furthest(at, to)
		if next == "" {
			return steps
		}
		steps, at = append(steps, next), next
	}
	return steps
}

// readsOf reports whether a Tempo reads what another one writes; it is true for
// unknown versions.
func readsOf(reader, writer string) bool {
	format, ok := BlockFormatNamed(WrittenBy(writer))
	return !ok || Major(reader) < 0 || format.Reads.Holds(reader)
}

// furthest returns the newest step after one version and before another that reads
// the blocks of the first.
func furthest(at, before string) (step string) {
	for _, candidate := range tempoSteps {
		if newer(candidate, at) && newer(before, candidate) && readsOf(candidate, at) {
			step = candidate
		}
	}
	return step
}

func newer(a, b string) bool {
	left, err := semver.NewVersion(a)
	right, other := semver.NewVersion(b)
	return cmp.Or(err, other) == nil && left.GreaterThan(right)
}

// ReadsBlocksOf reports whether a Tempo reads the blocks that another one writes by
// default. It is true for unknown versions.
func ReadsBlocksOf(reader, writer string) bool { return readsOf(reader, writer) }
