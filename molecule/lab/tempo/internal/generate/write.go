// SPDX-License-Identifier: AGPL-3.0-or-later

package generate

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"math"
	"net/http"
	"slices"
	"time"

	"github.com/golang/snappy"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/picluster/tracing/molecule/lab/tempo/internal/config"
)

// encode makes a WriteRequest of remote write 0.1.0 (prometheus/prometheus, prompb/types.proto).
func (s series) encode(fixed labels, now time.Time, exemplars bool) (message []byte) {
	for _, key := range slices.Sorted(maps.Keys(s)) {
		message = field(message, 1, s[key].encode(fixed, now, exemplars))
	}
	return message
}

func (o *one) encode(fixed labels, now time.Time, exemplars bool) []byte {
	all := maps.Clone(fixed)
	maps.Copy(all, o.labels)
	message := field(all.encode(), 2, sample(1, o.value, now))
	if exemplars && o.exemplar != nil {
		message = field(message, 3, append(labels{"traceID": o.exemplar.id}.encode(), sample(2, o.exemplar.value, now)...))
	}
	return message
}

// encode writes labels in the order of their names.
func (l labels) encode() (message []byte) {
	for _, name := range slices.Sorted(maps.Keys(l)) {
		message = field(message, 1, field(field(nil, 1, []byte(name)), 2, []byte(l[name])))
	}
	return message
}

// sample is a value, in the field of that number, and its time in the next.
func sample(number protowire.Number, value float64, at time.Time) []byte {
	message := protowire.AppendFixed64(protowire.AppendTag(nil, number, protowire.Fixed64Type), math.Float64bits(value))
	return protowire.AppendVarint(protowire.AppendTag(message, number+1, protowire.VarintType), uint64(at.UnixMilli()))
}

func field(message []byte, number protowire.Number, content []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(message, number, protowire.BytesType), content)
}

var prometheus = &http.Client{Timeout: 30 * time.Second}

// write sends a request. Nothing is repeated: the next collection has all sums again.
func write(ctx context.Context, to config.RemoteWrite, tenant string, message []byte) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, to.URL, bytes.NewReader(snappy.Encode(nil, message)))
	if err != nil {
		return err
	}
	for name, value := range to.Headers {
		request.Header.Set(name, value)
	}
	if tenant != config.SingleTenant {
		request.Header.Set("X-Scope-OrgID", tenant)
	}
	request.Header.Set("Content-Type", "application/x-protobuf")
	request.Header.Set("Content-Encoding", "snappy")
	request.Header.Set("X-Prometheus-Remote-Write-Version", "0.1.0")
	answer, err := prometheus.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode/100 != 2 {
		said, _ := io.ReadAll(io.LimitReader(answer.Body, 256))
		return fmt.Errorf("server returned HTTP status %s: %s", answer.Status, bytes.TrimSpace(said))
	}
	return nil
}
