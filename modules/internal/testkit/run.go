// SPDX-License-Identifier: AGPL-3.0-or-later

// Package testkit provides test helpers: it runs modules as Ansible does, reads the
// lab's environment, counts requests, and looks for secrets in output.
package testkit

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/converge"
	"github.com/picluster/tracing/modules/internal/secret"
	"github.com/picluster/tracing/modules/internal/wire"
)

// Canary is the prefix of every secret of a test. A run that prints it anywhere
// fails the test, whatever its outcome.
const Canary = "S3CRET-CANARY-"

// Env reads a variable of the lab's environment. The test fails without it:
// a test that cannot run must not pass.
func Env(t testing.TB, name string) string {
	t.Helper()
	value, set := os.LookupEnv(name)
	require.True(t, set && value != "", "%s is not set: start the lab with `lab up` and load its env file", name)
	return value
}

// Task is a module with the options of a task.
type Task struct {
	// New makes the module; each run gets a new one.
	New func() converge.Runner
	// Options are those of the task.
	Options map[string]any
	// Env is the program's environment; nil is an empty one.
	Env map[string]string
}

// With returns the task with some options changed; nil removes one.
func (task Task) With(changes map[string]any) Task {
	options := maps.Clone(task.Options)
	for name, value := range changes {
		options[name] = value
		if value == nil {
			delete(options, name)
		}
	}
	task.Options = options
	return task
}

// Apply runs the task.
func (task Task) Apply(t *testing.T) wire.Result {
	t.Helper()
	return task.Run(t, context.Background(), false)
}

// Check runs the task in check mode.
func (task Task) Check(t *testing.T) wire.Result {
	t.Helper()
	return task.Run(t, context.Background(), true)
}

// Run does as the real program does, with diff mode on: JSON in, one line of
// JSON out. The test fails if the canary, or the value of a secret option, is
// in any output.
func (task Task) Run(t *testing.T, ctx context.Context, check bool) wire.Result {
	t.Helper()
	input, err := json.Marshal(task.Options)
	require.NoError(t, err)
	request, err := wire.ReadRequest(bytes.NewReader(input))
	require.NoError(t, err)
	request.Check, request.Diff = check, true
	var out, log bytes.Buffer
	hide := &secret.Redactor{}
	result := task.New().Run(ctx, request, task.lookup, hide, &log)
	require.NoError(t, result.Write(&out, hide))
	require.NotContains(t, out.String()+log.String(), Canary, "a secret was printed")
	for _, name := range task.secrets() {
		require.NotContains(t, out.String()+log.String(), task.Options[name], "the secret of %s was printed", name)
	}
	var printed wire.Result
	require.NoError(t, json.Unmarshal(out.Bytes(), &printed))
	return printed
}

// secrets are the names of the secret options that the task gives.
func (task Task) secrets() []string {
	var names []string
	for _, row := range task.New().Options().Options {
		if text, given := task.Options[row.Name].(string); given && row.Secret && len(text) > 3 {
			names = append(names, row.Name)
		}
	}
	return names
}

func (task Task) lookup(name string) (string, bool) {
	value, set := task.Env[name]
	return value, set
}

// FourRuns checks, applies, checks and applies again, and requires changed,
// changed, ok, ok. It returns the result of the first apply.
func FourRuns(t *testing.T, task Task) wire.Result {
	t.Helper()
	Changed(t, task.Check(t))
	applied := Changed(t, task.Apply(t))
	Unchanged(t, task.Check(t))
	Unchanged(t, task.Apply(t))
	return applied
}

// Changed requires a result that succeeded with a change, and returns it.
func Changed(t *testing.T, result wire.Result) wire.Result {
	t.Helper()
	require.False(t, result.Failed(), "%v", result)
	require.Equal(t, true, result["changed"], "%v", result)
	return result
}

// Unchanged requires a result that succeeded without a change, and returns it.
func Unchanged(t *testing.T, result wire.Result) wire.Result {
	t.Helper()
	require.False(t, result.Failed(), "%v", result)
	require.Equal(t, false, result["changed"], "%v", result)
	return result
}

// Failed requires a result that failed, and returns "kind: message".
func Failed(t *testing.T, result wire.Result) string {
	t.Helper()
	require.True(t, result.Failed(), "%v", result)
	kind, _ := result["kind"].(string)
	message, _ := result["msg"].(string)
	return kind + ": " + message
}

// Diff returns the two sides of a result's diff.
func Diff(t *testing.T, result wire.Result) (before, after string) {
	t.Helper()
	diff, ok := result["diff"].(map[string]any)
	require.True(t, ok, "the result has no diff: %v", result)
	before, _ = diff["before"].(string)
	after, _ = diff["after"].(string)
	return strings.TrimSpace(before), strings.TrimSpace(after)
}
