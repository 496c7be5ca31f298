// SPDX-License-Identifier: AGPL-3.0-or-later

package wire

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/picluster/tracing/modules/internal/secret"
)

// Result is what goes back to Ansible. Its keys are Ansible's (changed, failed,
// msg, diff, warnings) and the module's own.
type Result map[string]any

// Failure is a result that fails the task with this message.
func Failure(message string) Result {
	return Result{"changed": false, "failed": true, "msg": message}
}

// Failed reports whether the result fails the task.
func (r Result) Failed() bool { return r["failed"] == true }

// Write prints the result as one line of JSON after hiding every secret that
// the redactor knows in it.
func (r Result) Write(out io.Writer, hide *secret.Redactor) error {
	plain, err := jsonLike(r)
	if err != nil {
		return fmt.Errorf("encode the result: %w", err)
	}
	line, err := json.Marshal(hide.Value(plain))
	if err != nil {
		return fmt.Errorf("encode the result: %w", err)
	}
	_, err = out.Write(append(line, '\n'))
	return err
}

// jsonLike turns structs and typed maps into what package secret walks through.
func jsonLike(r Result) (any, error) {
	data, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	var plain any
	return plain, json.Unmarshal(data, &plain)
}
