// SPDX-License-Identifier: AGPL-3.0-or-later

package jsondata

import (
	"fmt"
	"strings"

	"github.com/picluster/tracing/modules/internal/grafana"
	"github.com/picluster/tracing/modules/internal/lazyregexp"
	"github.com/picluster/tracing/modules/internal/option"
)

// Options are the rows for the typed settings of Tempo, Loki and Prometheus.
func Options() []option.Option {
	return []option.Option{
		{Name: "tempo", Type: option.Map, Suboptions: tempoOptions(), Doc: []string{
			"Settings of a Tempo data source. Those that are not given stay as they are."}},
		{Name: "loki", Type: option.Map, Suboptions: lokiOptions(), Doc: []string{
			"Settings of a Loki data source. Those that are not given stay as they are."}},
		{Name: "prometheus", Type: option.Map, Since: "1.1.0", Suboptions: prometheusOptions(), Doc: []string{
			"Settings of a Prometheus data source. Those that are not given stay as they are."}},
	}
}

func tempoOptions() []option.Option {
	return []option.Option{
		{Name: "traces_to_logs", Type: option.Map, Suboptions: append(linkOptions("logs"), []option.Option{
			{Name: "filter_by_trace_id", Type: option.Bool, Doc: []string{"Whether only lines with the trace ID are shown."}},
			{Name: "filter_by_span_id", Type: option.Bool, Doc: []string{"Whether only lines with the span ID are shown."}},
			{Name: "query", Type: option.Text, Doc: []string{"A custom query, in which C(${__span.tags.NAME}) and C(${__trace.traceId}) are variables."}},
		}...), Doc: []string{"The link from a span to its logs. It is written as C(tracesToLogsV2), and for a Grafana before 9.4 as C(tracesToLogs) too."}},
		{Name: "traces_to_metrics", Type: option.Map, Suboptions: append(linkOptions("metrics"), option.Option{
			Name: "queries", Type: option.List, Elements: option.Map, Suboptions: []option.Option{
				{Name: "name", Type: option.Text, Required: true, Doc: []string{"Label of the link."}},
				{Name: "query", Type: option.Text, Required: true, Doc: []string{"PromQL, in which C($$__tags) stands for the tags."}},
			}, Doc: []string{"The queries that are offered."}}), Doc: []string{"The link from a span to metrics."}},
		{Name: "service_map", Type: option.Text, Doc: []string{"The uid of the Prometheus data source that has the metrics of Tempo's metrics generator; the service graph is drawn from them."}},
		{Name: "node_graph", Type: option.Bool, Doc: []string{"Whether the node graph is drawn above a trace."}},
		{Name: "search", Type: option.Map, Suboptions: []option.Option{
			{Name: "hide", Type: option.Bool, Doc: []string{"Whether the search tab is hidden."}},
			{Name: "filters", Type: option.List, Elements: option.Map, Doc: []string{"Static filters of the search, as Grafana names them."}},
		}, Doc: []string{"The search for traces."}},
		{Name: "trace_query", Type: option.Map, Suboptions: append(shiftOptions(), option.Option{
			Name: "time_shift_enabled", Type: option.Bool, Doc: []string{"Whether a query by trace ID is limited in time."}}), Doc: []string{"Queries by trace ID."}},
		{Name: "span_bar", Type: option.Map, Suboptions: []option.Option{
			{Name: "type", Type: option.Text, Choices: []string{"None", "Duration", "Tag"}, Required: true, Doc: []string{"What is shown beside a span."}},
			{Name: "tag", Type: option.Text, Doc: []string{"The tag, for V(Tag)."}},
		}, Doc: []string{"The text beside each span."}},
		{Name: "streaming", Type: option.Map, Suboptions: []option.Option{
			{Name: "search", Type: option.Bool, Doc: []string{"For searches."}},
			{Name: "metrics", Type: option.Bool, Doc: []string{"For TraceQL metrics."}},
		}, Doc: []string{
			"Show results as they arrive. It needs Tempo 2.2 with C(stream_over_http_enabled), 2.6 for metrics, and HTTP/2 from Grafana to it. If it does not work Grafana no longer finds anything, so Tempo is asked for that setting, through Grafana, before streaming is switched on; if it says no, or cannot be asked, streaming is left off with a warning, and each run asks again. C(streamingEnabled) in O(json_data) is written without asking.",
			"Grafana 12.3 and newer tries a streamed search with O(check_health)."}},
	}
}

func linkOptions(to string) []option.Option {
	return append([]option.Option{
		{Name: "datasource_uid", Type: option.Text, Required: true, Check: grafana.CheckUID, Doc: []string{"The uid of the data source with the " + to + "."}},
		{Name: "tags", Type: option.List, Elements: option.Raw, Doc: []string{"Tags of the span that go into the query: names, or dictionaries with C(key) and C(value), the latter being the label's name."}},
	}, shiftOptions()...)
}

// maxLines is far above what Loki gives at once (limits_config,
// max_entries_limit_per_query: 5000), and what a browser can show.
const maxLines = 1_000_000

// interval is a duration in Grafana's words (grafana-data, rangeutil.ts,
// intervalToMs), of which a time range is made.
var interval = lazyregexp.Regexp{Expr: `^-?[0-9]{1,6}(\.[0-9]{1,3})?(ms|[smhdwMy])$`}

func checkShift(value any) error {
	text, _ := value.(string)
	if text == "" || text == "0" || interval.Get().MatchString(text) {
		return nil
	}
	return fmt.Errorf("must be a duration of Grafana's, such as -5m or 1h")
}

func shiftOptions() []option.Option {
	return []option.Option{
		{Name: "span_start_shift", Type: option.Text, Check: checkShift, Doc: []string{"How far before the span the time range begins, such as V(-5m)."}},
		{Name: "span_end_shift", Type: option.Text, Check: checkShift, Doc: []string{"How far after the span it ends, such as V(5m)."}},
	}
}

func lokiOptions() []option.Option {
	return []option.Option{
		{Name: "max_lines", Type: option.Int, Check: option.Between(1, maxLines), Doc: []string{"The most lines that a query returns."}},
		{Name: "derived_fields", Type: option.List, Elements: option.Map, Suboptions: []option.Option{
			{Name: "name", Type: option.Text, Required: true, Doc: []string{"Name of the field. It need not be unique: other fields stay as they are, even those of the same name, and what this module sets is recorded in the data source under C(picluster_derived_fields). An existing field that matches the same text but leads elsewhere is taken over, and restored with O(loki.derived_fields[].state=absent)."}},
			{Name: "state", Type: option.Text, Default: "present", Choices: []string{"present", "absent"}, Doc: []string{"Whether the field should exist. V(absent) removes what this module has set under the name; a field that somebody else made is removed only if O(loki.derived_fields[].matcher_regex) is given too, and is that of the field."}},
			{Name: "trace_id_field", Type: option.List, Doc: []string{
				"Name of the JSON field of a log line that holds the trace ID, as M(picluster.tracing.traefik_tracing) returns it. The regular expression is made from it. If there are several names, the first one in the line is used."}},
			{Name: "matcher_regex", Type: option.Text, Doc: []string{"Regular expression with one group, instead of O(loki.derived_fields[].trace_id_field)."}},
			{Name: "matcher_type", Type: option.Text, Choices: []string{"regex", "label"}, Doc: []string{
				"V(regex) searches the line, V(label) compares the names of labels, as structured metadata needs."}},
			{Name: "datasource_uid", Type: option.Text, Check: grafana.CheckUID, Doc: []string{"The uid (not the name) of the data source that the link opens. Without it the link is a URL."}},
			{Name: "url", Type: option.Text, Check: checkLink, Doc: []string{"Query or URL of the link. With O(loki.derived_fields[].datasource_uid) it is V(${__value.raw}) by default."}},
			{Name: "url_display_label", Type: option.Text, Doc: []string{"Text of the link."}},
			{Name: "target_blank", Type: option.Bool, Doc: []string{"Whether the link opens in a new tab."}},
		}, Doc: []string{"Fields that are found in log lines and become links, to traces for instance."}},
	}
}

// checkLink refuses a login in a link; a query has no address.
func checkLink(value any) error {
	if text, _ := value.(string); strings.Contains(text, "://") {
		return option.CheckNoLogin(text)
	}
	return nil
}
