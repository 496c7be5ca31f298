// SPDX-License-Identifier: AGPL-3.0-or-later

package wire

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/picluster/tracing/modules/internal/secret"
)

// Result is what is returned to Ansible. Its keys are Ansible's (changed,
// failed, msg, diff, warnings) and the module's own.
type Result map[string]any

// Failure is a result that fails the task with this message.
func Failure(message string) Result {
	return Result{"changed": false, "failed": true, "msg": message}
}

// Failed reports whether the result fails the task.
func (r Result) Failed() bool { return r["failed"] == true }

// Write prints the result as one line of JSON after the redactor has hidden
// every secret that it knows.
func (r Result) Write(out io.Writer, hide *secret.Redactor) error {
	plain, err := jsonLike(r)
	if err != nil {
		return fmt.Errorf("encode the result: %w", err)
	}
	line, err := json.Marshal(bounded(hide.Value(plain)))
	if err != nil {
		return fmt.Errorf("encode the result: %w", err)
	}
	_, err = out.Write(append(line, '\n'))
	return err
}

// longest is how many bytes of a message are shown. A server's own words may go on
// for megabytes; what to do is at their beginning or in the hint. A warning is of a
// task that succeeds: it must leave room for the rest of the result.
var longest = map[string]int{"msg": 16 << 10, "hint": 16 << 10, "warnings": 4 << 10}

// bounded shortens texts for people, after secrets have been hidden in them:
// half a secret would not be found.
func bounded(result any) any {
	fields, _ := result.(map[string]any)
	for key, length := range longest {
		switch value := fields[key].(type) {
		case string:
			fields[key] = shortened(value, length)
		case []any:
			for i, item := range value {
				if text, ok := item.(string); ok {
					value[i] = shortened(text, length)
				}
			}
		}
	}
	return result
}

func shortened(text string, length int) string {
	if len(text) <= length {
		return text
	}
	return fmt.Sprintf("%s ... (%d more bytes)", strings.ToValidUTF8(text[:length], ""), len(text)-length)
}

// jsonLike turns structs and typed maps into plain values for package secret.
func jsonLike(r Result) (any, error) {
	data, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	var plain any
	return plain, json.Unmarshal(data, &plain)
}
