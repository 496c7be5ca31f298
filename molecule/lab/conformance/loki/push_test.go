// SPDX-License-Identifier: AGPL-3.0-or-later

package loki

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/golang/snappy"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protowire"
)

func TestPush(t *testing.T) {
	base, now := ready(t), time.Now()
	at := func(back time.Duration) string { return strconv.FormatInt(now.Add(-back).Unix(), 10) + "000000001" }
	one := func(labels, values string) string {
		return `{"streams":[{"stream":{` + labels + `},"values":[` + values + `]}]}`
	}
	line := `["` + at(0) + `","a"]`
	many := func(count int) string {
		var all []string
		for i := range count {
			all = append(all, fmt.Sprintf(`"l%d":"v"`, i))
		}
		return strings.Join(all, ",")
	}
	const day = 24 * time.Hour
	stamp := func(back time.Duration) string { return now.Add(-back).UTC().Format(time.RFC3339) }
	cases := map[string]struct {
		reason, kind, body string
		status             int
		want               string // a prefix
	}{
		"stored":            {"no body, only the status", jsonType, one(`"app":"x"`, line), 204, ""},
		"charset":           {"a parameter of the type", jsonType + "; charset=utf-8", one(`"app":"x"`, line), 204, ""},
		"no labels":         {"it becomes service unknown_service", jsonType, one(``, line), 204, ""},
		"no lines":          {"nothing to do", jsonType, one(`"app":"x"`, ``), 204, ""},
		"soon":              {"clocks differ a little", jsonType, one(`"app":"x"`, `["`+at(-5*time.Minute)+`","a"]`), 204, ""},
		"number as a label": {"it is written as text", jsonType, one(`"app":5`, line), 204, ""},
		"fifteen labels":    {"the maximum", jsonType, one(many(15), line), 204, ""},
		"nothing":           {"no stream", jsonType, `{}`, 422, "error at least one valid stream is required for ingestion"},
		"no JSON":           {"invalid JSON", jsonType, `x`, 400, ""},
		"no time":           {"not a number", jsonType, one(`"app":"x"`, `["x","a"]`), 400, ""},
		"bare time":         {"a number", jsonType, one(`"app":"x"`, `[1700000000000000001,"a"]`), 400, ""},
		"no text":           {"a number", jsonType, one(`"app":"x"`, `["`+at(0)+`",5]`), 400, ""},
		"bad metadata":      {"values are texts", jsonType, one(`"app":"x"`, `["`+at(0)+`","a",{"k":5}]`), 400, ""},
		"bad name":          {"hyphens are invalid", jsonType, one(`"bad-name":"x"`, line), 400, `couldn't parse labels: 1:5: parse error: unexpected character inside braces: '-'`},
		"name of a digit":   {"names begin with a letter", jsonType, one(`"1bad":"x"`, line), 400, `couldn't parse labels: 1:2: parse error: unexpected character inside braces: '1'`},
		"sixteen labels":    {"one too many", jsonType, one(many(16), line), 400, `entry for stream '{l0="v", l1="v", l10="v", l11="v", l12="v", l13="v", l14="v", l15="v", l2="v", l3="v", l4="v", l5="v", l6="v", l7="v", l8="v", l9="v", service_name="unknown_service"}' has 16 label names; limit 15`},
		"long name":         {"1024 characters at most", jsonType, one(`"`+strings.Repeat("n", 1025)+`":"v"`, line), 400, `stream '{` + strings.Repeat("n", 1025) + `="v", service_name="unknown_service"}' has label name too long: '`},
		"long value":        {"2048 characters at most", jsonType, one(`"k":"`+strings.Repeat("v", 2049)+`"`, line), 400, `stream '{k="` + strings.Repeat("v", 2049) + `", service_name="unknown_service"}' has label value too long: '`},
		"long line":         {"256 KiB at most", jsonType, one(`"app":"x"`, `["`+at(0)+`","`+strings.Repeat("a", 300000)+`"]`), 400, `max entry size '262144' bytes exceeded for stream '{app="x", service_name="x"}' while adding an entry with length '300000' bytes`},
		"much metadata":     {"128 at most", jsonType, one(`"app":"x"`, `["`+at(0)+`","a",{`+many(129)+`}]`), 400, "stream '{app=\"x\", service_name=\"x\"}' has too many structured metadata labels: '129', limit: '128'. Please see `limits_config.max_structured_metadata_entries_count` or contact your Loki administrator to increase it"},
		"too old":           {"a week at most", jsonType, one(`"app":"x"`, `["`+at(8*day)+`","a"]`), 400, `entry for stream '{app="x", service_name="x"}' has timestamp too old: ` + stamp(8*day) + `, oldest acceptable timestamp is: `},
		"too new":           {"ten minutes at most", jsonType, one(`"app":"x"`, `["`+at(-time.Hour)+`","a"]`), 400, `entry for stream '{app="x", service_name="x"}' has timestamp too new: ` + stamp(-time.Hour)},
		"two old":           {"every distinct error once", jsonType, one(`"app":"x"`, `["`+at(8*day)+`","a"],["`+at(9*day)+`","a"]`), 400, `1 errors like: entry for stream '{app="x", service_name="x"}' has timestamp too old: `},
		"no type":           {"the type is required", "", `{}`, 400, "mime: no media type"},
		"no protobuf":       {"anything but JSON counts as protobuf", "text/plain", `{}`, 400, "snappy: corrupt input"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got := send(t, http.MethodPost, base+"/loki/api/v1/push", strings.ReplaceAll("push "+name, " ", "-"), c.kind, c.body)
			require.Equal(t, c.status, got.status, c.reason+": "+got.body)
			require.True(t, strings.HasPrefix(got.body, c.want), got.body)
		})
	}
	t.Run("what is right is kept beside what is wrong", func(t *testing.T) {
		send(t, http.MethodPost, base+"/loki/api/v1/push", "half", jsonType, one(`"app":"x"`, `["`+at(8*day)+`","old"],`+line))
		require.JSONEq(t, streams(`"app":"x","service_name":"x","detected_level":"unknown"`, line), withoutStats(t, get(t, base, "half", "/loki/api/v1/query_range", `query={app="x"}`).body))
	})
	t.Run("a line that is hours behind its stream", func(t *testing.T) {
		send(t, http.MethodPost, base+"/loki/api/v1/push", "late", jsonType, one(`"app":"x"`, line))
		require.Equal(t, 204, send(t, http.MethodPost, base+"/loki/api/v1/push", "late", jsonType, one(`"app":"x"`, `["`+at(30*time.Minute)+`","a"]`)).status)
		late := now.Add(-3 * time.Hour).Truncate(time.Second).UTC()
		want := fmt.Sprintf("entry with timestamp %s.000000001 +0000 UTC ignored, reason: 'entry too far behind, entry timestamp is: %s, oldest acceptable timestamp is: %s',\nuser 'late', total ignored: 1 out of 2 for stream: {app=\"x\", service_name=\"x\"}",
			late.Format(time.DateTime), stamp(3*time.Hour), stamp(time.Hour))
		got := send(t, http.MethodPost, base+"/loki/api/v1/push", "late", jsonType, one(`"app":"x"`, `["`+at(3*time.Hour)+`","a"],`+line))
		require.Equal(t, reply{http.StatusBadRequest, "text/plain; charset=utf-8", want}, got)
	})
}

// field encodes a length-delimited field of a protobuf message.
func field(number protowire.Number, content []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(nil, number, protowire.BytesType), content)
}

// integer encodes a varint field.
func integer(number protowire.Number, value int64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(nil, number, protowire.VarintType), uint64(value))
}

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

func TestPushByProtobufAndGzip(t *testing.T) {
	base, now := ready(t), time.Now().Unix()
	written := join(
		field(1, join(integer(1, now), integer(2, 7))), field(2, []byte("by protobuf")),
		field(3, join(field(1, []byte("trace_id")), field(2, []byte("abc")))))
	request := field(1, join(field(1, []byte(`{app="p", namespace="n"}`)), field(2, written)))
	got := send(t, http.MethodPost, base+"/loki/api/v1/push", "p", "application/x-protobuf", string(snappy.Encode(nil, request)))
	require.Equal(t, reply{status: http.StatusNoContent}, got)
	want := streams(`"app":"p","namespace":"n","service_name":"p","detected_level":"unknown","trace_id":"abc"`, fmt.Sprintf(`["%d000000007","by protobuf"]`, now))
	require.JSONEq(t, want, withoutStats(t, get(t, base, "p", "/loki/api/v1/query_range", `query={app="p"}`).body))

	var packed bytes.Buffer
	gz := gzip.NewWriter(&packed)
	_, err := fmt.Fprintf(gz, `{"streams":[{"stream":{"app":"gz"},"values":[["%d000000001","by gzip"]]}]}`, now)
	require.NoError(t, err)
	require.NoError(t, gz.Close())
	for coding, want := range map[string]reply{"gzip": {status: http.StatusNoContent}, "br": {http.StatusBadRequest, "text/plain; charset=utf-8", `Content-Encoding "br" not supported`}} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, base+"/loki/api/v1/push", bytes.NewReader(packed.Bytes()))
		require.NoError(t, err)
		request.Header = http.Header{"X-Scope-Orgid": {"p"}, "Content-Type": {jsonType}, "Content-Encoding": {coding}}
		require.Equal(t, want, do(t, request))
	}
	require.Contains(t, get(t, base, "p", "/loki/api/v1/query_range", `query={app="gz"}`).body, "by gzip")
}
