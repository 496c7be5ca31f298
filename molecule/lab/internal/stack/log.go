// SPDX-License-Identifier: AGPL-3.0-or-later

package stack

import (
	"bytes"
	"os"
)

// tail is how much of a log is read to find its last line.
const tail = 4096

// lastLine is the last line of a log that has text.
func lastLine(path string) string {
	file, err := os.Open(path)
	if err != nil {
		return "(the log cannot be read)"
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return "(the log cannot be read)"
	}
	raw := make([]byte, min(info.Size(), tail))
	if _, err := file.ReadAt(raw, info.Size()-int64(len(raw))); err != nil {
		return "(the log cannot be read)"
	}
	lines := bytes.Split(bytes.TrimSpace(raw), []byte("\n"))
	last := bytes.TrimSpace(lines[len(lines)-1])
	if len(last) == 0 {
		return "(the log is empty)"
	}
	return string(last)
}
