// SPDX-License-Identifier: AGPL-3.0-or-later

package pods

import (
	"bytes"
	"strings"
	"time"
)

// line is a line of a container's log.
type line struct {
	at   time.Time
	text string
}

// split reads the container runtime's format: TIME STREAM F|P TEXT. Parts of a line that was too long for one (P)
// are joined; done is the length of the text that the whole lines take.
func split(text []byte) (lines []line, done int) {
	begun, at := "", 0
	for raw := range bytes.Lines(text) {
		if raw[len(raw)-1] != '\n' {
			break // it is still being written
		}
		at += len(raw)
		parts := strings.SplitN(strings.TrimSuffix(string(raw), "\n"), " ", 4)
		when, err := time.Parse(time.RFC3339Nano, parts[0])
		if err != nil || len(parts) < 4 {
			continue
		}
		begun += parts[3]
		if parts[2] == "F" {
			lines, done, begun = append(lines, line{when, begun}), at, ""
		}
	}
	return lines, done
}
