// SPDX-License-Identifier: AGPL-3.0-or-later

package stack

import (
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"maps"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protowire"
)

// The arguments by which Prometheus takes metrics that are sent to it, and keeps
// their exemplars.
const (
	Receives       = "--web.enable-remote-write-receiver"
	KeepsExemplars = "--enable-feature=exemplar-storage"
)

// Prometheus is a running Prometheus: the lab's build of 3.3, or the program at the
// path in LAB_PROMETHEUS.
type Prometheus struct {
	// URL is that of its HTTP API, without a path.
	URL string
}

// StartPrometheus runs Prometheus on loopback, with an empty storage and no targets,
// until the end of the test. It returns when it is ready.
func StartPrometheus(t *testing.T, args ...string) Prometheus {
	t.Helper()
	folder, at := t.TempDir(), Free(t, 1)[0]
	config := filepath.Join(folder, "prometheus.yml")
	require.NoError(t, os.WriteFile(config, []byte("{}\n"), 0o600))
	Start(t, "prometheus", nil, append([]string{"--config.file=" + config, "--storage.tsdb.path=" + folder + "/data", "--web.listen-address=" + at}, args...)...)
	p := Prometheus{URL: "http://" + at}
	Answers(t, p.URL+"/-/ready", "")
	return p
}

// Series are samples of one series, each with its time, and exemplars.
type Series struct {
	// Labels has the metric's name under __name__.
	Labels    map[string]string
	Samples   []Sample
	Exemplars []Exemplar
}

// Sample is a value at a time.
type Sample struct {
	Value float64
	At    time.Time
}

// Exemplar is a sample with labels of its own.
type Exemplar struct {
	Sample
	Labels map[string]string
}

// Write sends series as Tempo's metrics generator does, by remote write 0.1.0
// (prometheus.io/docs/specs/prw/remote_write_spec), and returns the answer.
func (p Prometheus) Write(ctx context.Context, series ...Series) (status int, body string, err error) {
	var message []byte
	for _, one := range series {
		message = part(message, 1, one.encode())
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, p.URL+"/api/v1/write", bytes.NewReader(snappy(message)))
	if err != nil {
		return 0, "", err
	}
	for name, value := range map[string]string{"Content-Type": "application/x-protobuf", "Content-Encoding": "snappy", "X-Prometheus-Remote-Write-Version": "0.1.0"} {
		request.Header.Set(name, value)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, "", err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	return answer.StatusCode, string(text), err
}

// encode makes a TimeSeries (prometheus/prometheus prompb/types.proto).
func (s Series) encode() []byte {
	message := labels(nil, s.Labels)
	for _, one := range s.Samples {
		message = part(message, 2, one.encode(1))
	}
	for _, one := range s.Exemplars {
		message = part(message, 3, append(labels(nil, one.Labels), one.encode(2)...))
	}
	return message
}

// encode makes the value, the field of that number, and the time, the next field.
func (s Sample) encode(value protowire.Number) []byte {
	message := protowire.AppendFixed64(protowire.AppendTag(nil, value, protowire.Fixed64Type), math.Float64bits(s.Value))
	return protowire.AppendVarint(protowire.AppendTag(message, value+1, protowire.VarintType), uint64(s.At.UnixMilli())) //nolint:gosec // it is after 1970
}

// labels have to be in the order of their names.
func labels(message []byte, all map[string]string) []byte {
	for _, name := range slices.Sorted(maps.Keys(all)) {
		message = part(message, 1, part(part(nil, 1, []byte(name)), 2, []byte(all[name])))
	}
	return message
}

func part(message []byte, number protowire.Number, content []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(message, number, protowire.BytesType), content)
}

// snappy is a block that compresses nothing: its length, and one literal with its own
// (google/snappy format_description.txt, 2.1).
func snappy(content []byte) []byte {
	const literal = 63 << 2 // a length of four bytes follows
	block := append(binary.AppendUvarint(nil, uint64(len(content))), literal)
	block = binary.LittleEndian.AppendUint32(block, uint32(len(content)-1)) //nolint:gosec // some kilobytes
	return append(block, content...)
}

// Named is a series' labels: its name, and pairs of a label and its value.
func Named(name string, pairs ...string) map[string]string {
	all := map[string]string{"__name__": name}
	for pair := range slices.Chunk(pairs, 2) {
		all[pair[0]] = pair[1]
	}
	return all
}
