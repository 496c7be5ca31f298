// SPDX-License-Identifier: AGPL-3.0-or-later

package grafana

import (
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/picluster/tracing/modules/internal/compat"
)

// Link leads people to a trace in Grafana.
type Link struct {
	// Address is Grafana's own, with the path that it is served under.
	Address string
	// Version is Grafana's, "" where it is not known.
	Version string
	// Org is the organization, 0 for the reader's own.
	Org int64
	// UID is that of the data source with the traces.
	UID string
}

// around is how much time Explore shows before and after a trace.
const around = 15 * time.Minute

// Trace is the address of a trace in Explore. The parameter left is understood by
// every Grafana: newer ones translate it
// (public/app/features/explore/hooks/useStateSync/migrators/v0.ts).
func (l Link) Trace(id string, begin time.Time) string {
	kind := "traceql"
	if l.Version != "" && !compat.GrafanaExplores(l.Version) {
		kind = "traceId"
	}
	pane, _ := json.Marshal(map[string]any{ // strings always encode
		"datasource": l.UID,
		"queries":    []any{map[string]any{"refId": "A", "datasource": map[string]any{"type": "tempo", "uid": l.UID}, "queryType": kind, "query": id}},
		"range":      map[string]any{"from": milliseconds(begin.Add(-around)), "to": milliseconds(begin.Add(around))},
	})
	values := url.Values{"left": {string(pane)}}
	if l.Org != 0 {
		values.Set("orgId", strconv.FormatInt(l.Org, 10))
	}
	return strings.TrimRight(l.Address, "/") + "/explore?" + values.Encode()
}

func milliseconds(at time.Time) string { return strconv.FormatInt(at.UnixMilli(), 10) }
