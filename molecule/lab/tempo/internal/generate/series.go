// SPDX-License-Identifier: AGPL-3.0-or-later

package generate

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/picluster/tracing/molecule/lab/tempo/internal/spans"
)

type labels map[string]string

// series are counters and histograms, by their names and labels.
type series map[string]*one

// one is a series: its sum so far, and the exemplar since the last sending.
type one struct {
	labels   labels
	value    float64
	exemplar *exemplar
}

// exemplar is a value with its trace ID, which has no leading zeros.
type exemplar struct {
	id    string
	value float64
}

// at is the series of a name, which more, pairs of a label and its value, belong to.
func (s series) at(name string, of labels, more ...string) *one {
	all := maps.Clone(of)
	all["__name__"] = name
	for pair := range slices.Chunk(more, 2) {
		all[pair[0]] = pair[1]
	}
	key := fmt.Sprint(all) // in the order of the labels' names
	if s[key] == nil {
		s[key] = &one{labels: all}
	}
	return s[key]
}

func (s series) add(name string, of labels, value float64) { s.at(name, of).value += value }

// observe adds to a histogram. The exemplar is in the first bucket that has the value.
func (s series) observe(name string, of labels, buckets []float64, value float64, id pcommon.TraceID) {
	s.add(name+"_count", of, 1)
	s.add(name+"_sum", of, value)
	kept := false
	for _, bound := range buckets {
		bucket := s.at(name+"_bucket", of, "le", strconv.FormatFloat(bound, 'f', -1, 64))
		if value > bound {
			continue
		}
		bucket.value++
		if !kept {
			kept, bucket.exemplar = true, &exemplar{spans.Short(id), value}
		}
	}
	last := s.at(name+"_bucket", of, "le", "+Inf")
	last.value++
	if !kept {
		last.exemplar = &exemplar{spans.Short(id), value}
	}
}

// forgetExemplars is called after a sending: each is sent once.
func (s series) forgetExemplars() {
	for _, one := range s {
		one.exemplar = nil
	}
}

// doubling are the bounds of a histogram.
func doubling(least float64, count int) []float64 {
	bounds := make([]float64, count)
	for i := range bounds {
		bounds[i] = least * float64(int(1)<<i)
	}
	return bounds
}

// lasted is how long a span took, in seconds.
func lasted(span ptrace.Span) float64 {
	return span.EndTimestamp().AsTime().Sub(span.StartTimestamp().AsTime()).Seconds()
}

// upper is a constant of OTLP by its name there.
func upper(prefix string, value fmt.Stringer) string {
	return prefix + strings.ToUpper(value.String())
}
