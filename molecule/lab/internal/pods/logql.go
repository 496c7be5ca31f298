// SPDX-License-Identifier: AGPL-3.0-or-later

package pods

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
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

// line is one of a container's log.
type line struct {
	at   time.Time
	text string
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

// read reads a file of the form that the container runtime writes: TIME STREAM F|P TEXT. Parts of a line that was too long for
// one (P) are put together.
func read(path string) ([]line, error) {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil // the pod is gone
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var lines []line
	begun := ""
	scanner := bufio.NewScanner(file)
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		parts := strings.SplitN(scanner.Text(), " ", 4)
		if len(parts) < 4 {
			continue
		}
		begun += parts[3]
		if parts[2] == "P" {
			continue
		}
		at, err := time.Parse(time.RFC3339Nano, parts[0])
		if err != nil {
			return nil, err
		}
		lines = append(lines, line{at, begun})
		begun = ""
	}
	return lines, scanner.Err()
}
