// SPDX-License-Identifier: AGPL-3.0-or-later

package loki

import (
	"cmp"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	common "go.opentelemetry.io/proto/otlp/common/v1"
	logs "go.opentelemetry.io/proto/otlp/logs/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
)

// indexed are the attributes of a resource that become labels; all others become structured metadata
// (grafana/loki, docs/sources/send-data/otel/_index.md, "Format considerations").
var indexed = func() map[string]bool {
	all := map[string]bool{}
	for name := range strings.FieldsSeq(`cloud.availability_zone cloud.region container.name deployment.environment deployment.environment.name
		k8s.cluster.name k8s.container.name k8s.cronjob.name k8s.daemonset.name k8s.deployment.name k8s.job.name k8s.namespace.name
		k8s.pod.name k8s.replicaset.name k8s.statefulset.name service.instance.id service.name service.namespace`) {
		all[name] = true
	}
	return all
}()

// otlp takes an export request for logs, which is the message LogsData under another name.
func (s *server) otlp(tenant string, r *http.Request) (any, error) {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return nil, bad("%v", err)
	}
	body, err := unpacked(r)
	if err != nil {
		return nil, err
	}
	raw, err := io.ReadAll(body)
	if err != nil {
		return nil, bad("%v", err)
	}
	var data logs.LogsData
	switch kind {
	case "application/json":
		err = protojson.UnmarshalOptions{DiscardUnknown: true}.Unmarshal(raw, &data)
		readable(&data)
	case "application/x-protobuf":
		err = proto.Unmarshal(raw, &data)
	default:
		err = fmt.Errorf("content type: %s is not supported", kind)
	}
	if err != nil {
		return nil, bad("%v", err)
	}
	return nil, s.ingest(tenant, batches(&data))
}

// readable corrects IDs that came as JSON: OTLP writes them in hexadecimal digits, where protobuf's own JSON has base64.
func readable(data *logs.LogsData) {
	each(data, func(_ *logs.ResourceLogs, _ *logs.ScopeLogs, record *logs.LogRecord) {
		for _, id := range []*[]byte{&record.TraceId, &record.SpanId} {
			if digits, err := hex.DecodeString(encoded(*id)); err == nil {
				*id = digits
			}
		}
	})
}

func each(data *logs.LogsData, do func(*logs.ResourceLogs, *logs.ScopeLogs, *logs.LogRecord)) {
	for _, resource := range data.ResourceLogs {
		for _, scope := range resource.ScopeLogs {
			for _, record := range scope.LogRecords {
				do(resource, scope, record)
			}
		}
	}
}

func batches(data *logs.LogsData) []batch {
	byLabels := map[string]*batch{}
	each(data, func(resource *logs.ResourceLogs, scope *logs.ScopeLogs, record *logs.LogRecord) {
		labels, rest := map[string]string{}, map[string]string{}
		for _, pair := range resource.GetResource().GetAttributes() {
			if indexed[pair.Key] {
				flatten(labels, pair.Key, pair.Value)
			} else {
				flatten(rest, pair.Key, pair.Value)
			}
		}
		if labels["service_name"] == "" {
			labels["service_name"] = "unknown_service"
		}
		key := text(labels)
		if byLabels[key] == nil {
			byLabels[key] = &batch{labels: labels}
		}
		maps.Copy(rest, metadata(scope.GetScope(), record))
		at := cmp.Or(record.TimeUnixNano, record.ObservedTimeUnixNano, uint64(time.Now().UnixNano()))
		byLabels[key].lines = append(byLabels[key].lines, entry{int64(at), body(record.Body), rest})
	})
	var all []batch
	for one := range maps.Values(byLabels) {
		all = append(all, *one)
	}
	return all
}

// metadata is what a record and its scope hold besides the line.
func metadata(scope *common.InstrumentationScope, record *logs.LogRecord) map[string]string {
	all := map[string]string{}
	for _, attributes := range [][]*common.KeyValue{scope.GetAttributes(), record.Attributes} {
		for _, pair := range attributes {
			flatten(all, pair.Key, pair.Value)
		}
	}
	texts := map[string]string{
		"scope_name": scope.GetName(), "scope_version": scope.GetVersion(), "severity_text": record.SeverityText,
		"trace_id": hex.EncodeToString(record.TraceId), "span_id": hex.EncodeToString(record.SpanId),
	}
	observed := record.ObservedTimeUnixNano
	if record.TimeUnixNano == 0 { // then it is the time of the line
		observed = 0
	}
	for name, number := range map[string]uint64{
		"severity_number": uint64(record.SeverityNumber), "flags": uint64(record.Flags), "observed_timestamp": observed,
		"dropped_attributes_count": uint64(record.DroppedAttributesCount), "scope_dropped_attributes_count": uint64(scope.GetDroppedAttributesCount()),
	} {
		if number != 0 {
			texts[name] = strconv.FormatUint(number, 10)
		}
	}
	maps.DeleteFunc(texts, func(_, value string) bool { return value == "" })
	maps.Copy(all, texts)
	return all
}

// refuseOTLP answers with the message Status, as OTLP requires: message = 2.
func refuseOTLP(w http.ResponseWriter, refused *refusal) {
	w.Header().Set("Content-Type", "application/octet-stream")
	w.WriteHeader(refused.status)
	_, _ = w.Write(protowire.AppendString(protowire.AppendTag(nil, 2, protowire.BytesType), refused.words)) // the client may be gone
}
