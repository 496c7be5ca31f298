// SPDX-License-Identifier: AGPL-3.0-or-later

package loki

import (
	"math"
	"net/http"
	"regexp"
	"strconv"
	"time"
)

// span is the time range of a request, in nanoseconds; back is how long it is by default.
func (s *server) span(r *http.Request, back time.Duration) (start, end int64, err error) {
	end, err = moment(r.FormValue("end"), time.Now().UnixNano())
	if err != nil {
		return 0, 0, bad("could not parse 'end' parameter: %v", err)
	}
	if text := r.FormValue("since"); text != "" {
		if back, err = duration(text); err != nil {
			return 0, 0, bad("could not parse 'since' parameter: %v", err)
		}
	}
	start, err = moment(r.FormValue("start"), end-int64(back))
	if err != nil {
		return 0, 0, bad("could not parse 'start' parameter: %v", err)
	}
	if _, err := duration(r.FormValue("step")); r.FormValue("step") != "" && err != nil {
		return 0, 0, bad("cannot parse %q to a valid duration", r.FormValue("step"))
	}
	length, most := time.Duration(end-start), s.config.Limits.QueryLength
	switch {
	case end <= start:
		return 0, 0, bad("end timestamp must not be before or equal to start time")
	case length > most:
		return 0, 0, bad("the query time range exceeds the limit (query length: %s, limit: %s)", length, days(most))
	}
	return start, end, nil
}

// moment reads seconds, with a fraction or of at most ten digits, nanoseconds, or RFC 3339.
func moment(text string, otherwise int64) (int64, error) {
	if text == "" {
		return otherwise, nil
	}
	if at, err := time.Parse(time.RFC3339Nano, text); err == nil {
		return at.UnixNano(), nil
	}
	whole, err := strconv.ParseInt(text, 10, 64)
	switch seconds, failed := strconv.ParseFloat(text, 64); {
	case err == nil && len(text) <= 10:
		return whole * int64(time.Second), nil
	case err == nil:
		return whole, nil
	case failed == nil:
		full, rest := math.Modf(seconds)
		return int64(full)*int64(time.Second) + int64(rest*float64(time.Second)), nil
	}
	return 0, err
}

var number = regexp.MustCompile(`^\d+(\.\d+)?$`)

// duration reads seconds, or numbers with units up to hours.
func duration(text string) (time.Duration, error) {
	if number.MatchString(text) {
		text += "s"
	}
	long, err := time.ParseDuration(text)
	if err != nil {
		return 0, bad("not a valid duration string: %q", text)
	}
	return long, nil
}

// days writes a duration of whole hours as Loki does.
func days(long time.Duration) string {
	hours := int(long.Hours())
	return strconv.Itoa(hours/24) + "d" + strconv.Itoa(hours%24) + "h"
}
