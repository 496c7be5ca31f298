// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRun(t *testing.T) {
	cases := map[string]struct {
		reason   string
		args     []string
		code     int
		out, log string
	}{
		"nothing":        {reason: "the usage lists the commands", code: 2, log: "usage: lab COMMAND"},
		"unknown":        {reason: "no such command", args: []string{"start"}, code: 2, log: "usage: lab COMMAND"},
		"too much":       {reason: "up takes no arguments", args: []string{"up", "--fast"}, code: 2, log: "usage: lab COMMAND"},
		"env of nothing": {reason: "there is no lab", args: []string{"env"}, code: 1, log: "is not up; start it with lab up"},
		"status":         {reason: "nothing runs", args: []string{"status"}, code: 1, out: "kube-apiserver", log: "not everything is up"},
		"down":           {reason: "nothing to stop is not an error", args: []string{"down"}, out: "there is no lab"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Setenv("LAB_DIR", t.TempDir()+"/none")
			var out, log bytes.Buffer
			require.Equal(t, c.code, run(c.args, &out, &log), c.reason)
			require.Contains(t, out.String(), c.out, c.reason)
			require.Contains(t, log.String(), c.log, c.reason)
		})
	}
}
