// SPDX-License-Identifier: AGPL-3.0-or-later

package loki

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
)

// levels maps what logs call a level to Loki's word for it.
var levels = map[string]string{
	"trace": "trace", "trc": "trace", "debug": "debug", "dbg": "debug", "info": "info", "inf": "info", "information": "info",
	"warn": "warn", "wrn": "warn", "warning": "warn", "error": "error", "err": "error", "critical": "critical", "fatal": "fatal",
}

// levelNames are the names under which a level is searched for.
var levelNames = []string{"level", "LEVEL", "Level", "severity", "SEVERITY", "Severity", "severity_text", "lvl", "LVL", "Lvl"}

// levelWord is the first word of a line that is a level.
var levelWord = regexp.MustCompile(`(?i)\b(trace|debug|info|warn|warning|err|error|critical|fatal)\b`)

// detect is the value of the label detected_level: from the structured metadata, else from a field of the line, else the first
// word of the line that is a level.
func detect(line string, metadata map[string]string) string {
	if number, err := strconv.Atoi(metadata["severity_number"]); err == nil && number > 0 {
		return []string{"trace", "debug", "info", "warn", "error", "fatal"}[min((number-1)/4, 5)]
	}
	for _, name := range levelNames {
		if level := levels[strings.ToLower(metadata[name])]; level != "" {
			return level
		}
	}
	var fields map[string]any
	if json.Unmarshal([]byte(line), &fields) == nil {
		for _, name := range levelNames {
			text, _ := fields[name].(string)
			if level := levels[strings.ToLower(text)]; level != "" {
				return level
			}
		}
	}
	if level := levels[strings.ToLower(levelWord.FindString(line))]; level != "" {
		return level
	}
	return "unknown"
}
