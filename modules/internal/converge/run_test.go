// SPDX-License-Identifier: AGPL-3.0-or-later

package converge_test

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/converge"
	"github.com/picluster/tracing/modules/internal/secret"
	"github.com/picluster/tracing/modules/internal/wire"
)

// answer runs a request and returns the result as Ansible would read it, and
// what went to standard error.
func answer(t *testing.T, module *toy, request wire.Request) (map[string]any, string) {
	t.Helper()
	var out, log bytes.Buffer
	hide := &secret.Redactor{}
	result := converge.NewRunner[toyArgs, toySpec, toyStatus](module).Run(context.Background(), request, os.LookupEnv, hide, &log)
	require.NoError(t, result.Write(&out, hide))
	var read map[string]any
	require.NoError(t, json.Unmarshal(out.Bytes(), &read))
	return read, log.String()
}

func newWorld(labels map[string]string) *toyWorld {
	world := &toyWorld{labels: map[string]string{}}
	maps.Copy(world.labels, labels)
	return world
}

func options(pairs ...any) map[string]any {
	all := map[string]any{"color": "blue"}
	for i := 0; i < len(pairs); i += 2 {
		all[pairs[i].(string)] = pairs[i+1]
	}
	return all
}

func TestRun(t *testing.T) {
	cases := map[string]struct {
		reason  string
		world   map[string]string
		request wire.Request
		faults  toyFaults
		want    map[string]any
		written []string
	}{
		"creates": {
			reason: "both labels are missing", request: wire.Request{Options: options()},
			want:    map[string]any{"changed": true, "labels": map[string]any{"color": "blue", "shape": "round"}, "login": ""},
			written: []string{"label/color", "label/shape"},
		},
		"nothing to do": {
			reason: "the world is as wanted", world: map[string]string{"color": "blue", "shape": "round"}, request: wire.Request{Options: options()},
			want: map[string]any{"changed": false, "labels": map[string]any{"color": "blue", "shape": "round"}, "login": ""},
		},
		"check": {
			reason: "only the plan, and the diff of what it would change", world: map[string]string{"color": "green", "shape": "round"},
			request: wire.Request{Check: true, Diff: true, Options: options()},
			want: map[string]any{"changed": true, "labels": map[string]any{"color": "green", "shape": "round"}, "login": "",
				"diff": map[string]any{"before": "label/color: green\n", "after": "label/color: blue\n"}},
		},
		"an await is not a change": {
			reason: "waiting is not a change", world: map[string]string{"color": "blue", "shape": "round"}, request: wire.Request{Diff: true, Options: options("ready", true)},
			want:    map[string]any{"changed": false, "labels": map[string]any{"color": "blue", "shape": "round"}, "login": ""},
			written: []string{"ready"},
		},
		"an await is left out of a check": {
			reason: "check mode does not act", world: map[string]string{"color": "blue", "shape": "round"}, request: wire.Request{Check: true, Options: options("ready", true)},
			want: map[string]any{"changed": false, "labels": map[string]any{"color": "blue", "shape": "round"}, "login": ""},
		},
		"warns": {
			reason: "every result carries the warnings", world: map[string]string{"color": "red", "shape": "round"}, request: wire.Request{Options: options("color", "red")},
			want: map[string]any{"changed": false, "labels": map[string]any{"color": "red", "shape": "round"}, "login": "", "warnings": []any{"red is loud"}},
		},
		"refuses": {
			reason: "before anything is written", request: wire.Request{Options: options("refused", true)},
			want: map[string]any{"changed": false, "failed": true, "msg": "plan: this cannot work", "kind": "unsupported", "step": "plan", "hint": "choose another"},
		},
		"contradiction": {
			reason: "there is no spec, so nothing was contacted", request: wire.Request{Options: options("shape", "blue")}, faults: toyFaults{panics: true},
			want: map[string]any{"changed": false, "failed": true, "msg": "color and shape are both blue", "kind": "usage", "step": "spec", "hint": "give one of them another value"},
		},
		"bad options": {
			reason: "nothing was contacted", request: wire.Request{Options: map[string]any{"colour": "blue"}},
			want: map[string]any{"changed": false, "failed": true, "msg": "options: 2 problems: color is required; unknown option colour (did you mean color?)", "kind": "usage", "step": "options"},
		},
		"half done": {
			reason: "the report names what was done before the failure", request: wire.Request{Options: options()}, faults: toyFaults{fail: "label/shape"},
			want: map[string]any{"changed": true, "failed": true, "done": []any{"create label/color"},
				"msg": "write label/shape: refused for ", "kind": "rejected", "step": "apply"},
			written: []string{"label/color", "label/shape"},
		},
		"not kept": {
			reason: "a run reports changed only after verifying it", request: wire.Request{Options: options()}, faults: toyFaults{forgets: true},
			want: map[string]any{"changed": true, "failed": true, "done": []any{"create label/color", "create label/shape"}, "kind": "conflict", "step": "verify",
				"msg":  "still different after the change: create label/color, create label/shape",
				"hint": "something else changes it at the same time, or the server does not keep it: run again with --check --diff to see what"},
			written: []string{"label/color", "label/shape"},
		},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			world := newWorld(test.world)
			got, _ := answer(t, &toy{world, test.faults}, test.request)
			require.Equal(t, test.want, got, test.reason)
			require.Equal(t, test.written, world.written, test.reason)
		})
	}
}

func TestRunHidesSecretsInResultAndProgress(t *testing.T) {
	module := &toy{newWorld(nil), toyFaults{fail: "label/color"}}
	got, log := answer(t, module, wire.Request{Diff: true, Options: options("key", "hunter2-canary")})
	require.Equal(t, "write label/color: refused for VALUE_SPECIFIED_IN_NO_LOG_PARAMETER", got["msg"])
	require.Equal(t, "progress: applying label/color with VALUE_SPECIFIED_IN_NO_LOG_PARAMETER\n", log)
}

func TestRunObservesItsTimeout(t *testing.T) {
	module := &toy{newWorld(nil), toyFaults{slow: time.Millisecond}}
	got, log := answer(t, module, wire.Request{Options: options("timeout", "20ms")})
	require.Equal(t, map[string]any{
		"changed": false, "failed": true, "kind": "timeout", "step": "observe",
		"msg": "wait for the toy: timed out: 1/2 ready", "hint": "look at what is named here, or raise the timeout",
	}, got)
	require.Equal(t, "progress: 1/2 ready\n", log, "each state is reported once")
}
