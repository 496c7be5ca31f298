// SPDX-License-Identifier: AGPL-3.0-or-later

package pods

import (
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"time"
)

// query is one question: lines of an app between two times, of which one JSON field is a text and another matches a pattern.
type query struct {
	app, equalField, equalText, matchField string
	pattern                                *regexp.Regexp
	start, end                             time.Time
	limit                                  int
}

var form = regexp.MustCompile(`^\{app="([\w-]+)"\} \| json \| (\w+)="([^"\\]*)" \| (\w+)=~"([^"\\]*)"$`)

func parse(values url.Values) (query, error) {
	parts := form.FindStringSubmatch(values.Get("query"))
	if parts == nil {
		return query{}, fmt.Errorf("this stand-in does not know %q", values.Get("query"))
	}
	pattern, err := regexp.Compile("^(?:" + parts[5] + ")$") // LogQL anchors its patterns
	if err != nil {
		return query{}, err
	}
	asked := query{app: parts[1], equalField: parts[2], equalText: parts[3], matchField: parts[4], pattern: pattern, limit: 100}
	if text := values.Get("limit"); text != "" {
		if asked.limit, err = strconv.Atoi(text); err != nil {
			return query{}, err
		}
	}
	asked.start, err = nanoseconds(values.Get("start"))
	if err != nil {
		return query{}, err
	}
	asked.end, err = nanoseconds(values.Get("end"))
	return asked, err
}

func nanoseconds(text string) (time.Time, error) {
	number, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return time.Time{}, fmt.Errorf("this stand-in wants times in nanoseconds: %w", err)
	}
	return time.Unix(0, number), nil
}

func (q query) takes(one line) bool {
	if one.at.Before(q.start) || one.at.After(q.end) {
		return false
	}
	var fields map[string]any
	if json.Unmarshal([]byte(one.text), &fields) != nil {
		return false
	}
	equal, isText := fields[q.equalField].(string)
	match, isMatch := fields[q.matchField].(string)
	return isText && isMatch && equal == q.equalText && q.pattern.MatchString(match)
}
