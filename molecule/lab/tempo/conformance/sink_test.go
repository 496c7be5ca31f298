// SPDX-License-Identifier: AGPL-3.0-or-later

package conformance

import (
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/golang/snappy"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protowire"
)

// sink takes remote write and keeps the last of each series.
type sink struct {
	url  string
	lock sync.Mutex
	// values and exemplars are by series, such as up{job="x"}; the latter are the trace ID and the value.
	values    map[string]float64
	exemplars map[string]string
	// first are the labels that come first.
	first map[string]bool
}

func newSink(t *testing.T) *sink {
	t.Helper()
	s := &sink{values: map[string]float64{}, exemplars: map[string]string{}, first: map[string]bool{}}
	server := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // the sender was ended
		}
		message, err := snappy.Decode(nil, body)
		if err != nil || r.Header.Get("Content-Type") != "application/x-protobuf" || r.Header.Get("X-Prometheus-Remote-Write-Version") != "0.1.0" {
			t.Errorf("this is no remote write 0.1.0: %v %v", r.Header, err)
		}
		s.lock.Lock()
		defer s.lock.Unlock()
		for _, series := range parts(message)[1] {
			s.take(series)
		}
		out.WriteHeader(http.StatusNoContent)
	}))
	t.Cleanup(server.Close)
	s.url = server.URL + "/api/v1/write"
	return s
}

// take reads a TimeSeries (prometheus/prometheus, prompb/types.proto).
func (s *sink) take(message []byte) {
	fields := parts(message)
	first, name := named(fields[1])
	for _, sample := range fields[2] {
		s.first[first], s.values[name] = true, number(parts(sample)[1])
	}
	for _, exemplar := range fields[3] {
		fields := parts(exemplar)
		_, labels := named(fields[1])
		s.exemplars[name] = fmt.Sprintf("%s %v", labels, number(fields[2]))
	}
}

// named writes labels as PromQL does, without that of the sender.
func named(labels [][]byte) (first, all string) {
	name, pairs := "", []string{}
	for i, label := range labels {
		fields := parts(label)
		key, value := string(fields[1][0]), string(fields[2][0])
		if i == 0 {
			first = key
		}
		switch key {
		case "__name__":
			name = value
		case "__metrics_gen_instance":
		default:
			pairs = append(pairs, fmt.Sprintf("%s=%q", key, value))
		}
	}
	return first, name + "{" + strings.Join(pairs, ",") + "}"
}

// parts are the fields of a message, by their numbers.
func parts(message []byte) map[protowire.Number][][]byte {
	all := map[protowire.Number][][]byte{}
	for len(message) > 0 {
		field, kind, head := protowire.ConsumeTag(message)
		if head < 0 {
			return all
		}
		size := protowire.ConsumeFieldValue(field, kind, message[head:])
		if size < 0 {
			return all
		}
		content := message[head : head+size]
		if kind == protowire.BytesType {
			content, _ = protowire.ConsumeBytes(content)
		}
		all[field], message = append(all[field], content), message[head+size:]
	}
	return all
}

func number(found [][]byte) float64 {
	if len(found) == 0 {
		return 0
	}
	bits, _ := protowire.ConsumeFixed64(found[0])
	return math.Float64frombits(bits)
}

// of are the series of one name.
func (s *sink) of(name string) map[string]float64 {
	s.lock.Lock()
	defer s.lock.Unlock()
	all := map[string]float64{}
	for series, value := range s.values {
		if labels, is := strings.CutPrefix(series, name+"{"); is {
			all["{"+labels] = value
		}
	}
	return all
}

// exemplar is that of a series, "" for none.
func (s *sink) exemplar(series string) string {
	s.lock.Lock()
	defer s.lock.Unlock()
	return s.exemplars[series]
}

// names are the metrics that have come.
func (s *sink) names() map[string]bool {
	s.lock.Lock()
	defer s.lock.Unlock()
	all := map[string]bool{}
	for series := range s.values {
		name, _, _ := strings.Cut(series, "{")
		all[name] = true
	}
	return all
}

// senders require that each series begins with the name of its sender.
func (s *sink) senders(t *testing.T) {
	t.Helper()
	s.lock.Lock()
	defer s.lock.Unlock()
	require.Equal(t, map[string]bool{"__metrics_gen_instance": true}, s.first)
}
