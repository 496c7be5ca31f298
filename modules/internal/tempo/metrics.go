// SPDX-License-Identifier: AGPL-3.0-or-later

package tempo

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"strconv"
	"time"

	"github.com/picluster/tracing/modules/internal/fault"
)

// rate is the simplest TraceQL metric: the spans of all traces, by time.
const rate = "{} | rate()"

// Rate asks for the rate of spans over the minutes before a time, as Grafana's
// Traces Drilldown does, and returns how many series there are (grafana/tempo
// docs/sources/tempo/api_docs, TraceQL metrics).
func (c *Client) Rate(ctx context.Context, until time.Time) (series int, err error) {
	const before = 5 * time.Minute
	body, err := c.get(ctx, "/api/metrics/query_range", url.Values{
		"q": {rate}, "step": {"15s"}, "start": {strconv.FormatInt(until.Add(-before).Unix(), 10)}, "end": {strconv.FormatInt(until.Unix(), 10)},
	})
	if err != nil {
		return 0, fault.During("ask for "+rate, err)
	}
	var answer struct{ Series []json.RawMessage }
	if err := json.Unmarshal(body, &answer); err != nil {
		return 0, fault.Wrap(fault.Rejected, "", "ask for "+rate, errors.New("the answer is not JSON"))
	}
	return len(answer.Series), nil
}
