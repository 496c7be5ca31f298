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
		brings   string
		code     int
		out, log string
	}{
		"nothing":        {reason: "the usage lists the commands", code: 2, log: "usage: lab COMMAND"},
		"unknown":        {reason: "no such command", args: []string{"start"}, code: 2, log: "usage: lab COMMAND"},
		"too much":       {reason: "up takes no arguments", args: []string{"up", "--fast"}, code: 2, log: "usage: lab COMMAND"},
		"env of nothing": {reason: "there is no lab", args: []string{"env"}, code: 1, log: "is not up; start it with lab up"},
		"status":         {reason: "nothing runs", args: []string{"status"}, code: 1, out: "kube-apiserver", log: "not everything is up"},
		"parts":          {reason: "as up would have them", args: []string{"parts"}, out: "a stand-in of the lab"},
		"no such part":   {reason: "it is read", args: []string{"parts"}, brings: "/nowhere/tempo", code: 1, log: "lab: read LAB_TEMPO: stat /nowhere/tempo: no such file or directory"},
		"up without it":  {reason: "before anything is built", args: []string{"up", "--api"}, brings: "/nowhere/tempo", code: 1, log: "lab: read LAB_TEMPO: stat /nowhere/tempo: no such file or directory"},
		"down":           {reason: "nothing to stop is not an error", args: []string{"down"}, out: "there is no lab"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Setenv("LAB_DIR", t.TempDir()+"/none")
			t.Setenv("LAB_TEMPO", c.brings)
			var out, log bytes.Buffer
			require.Equal(t, c.code, run(c.args, &out, &log), c.reason)
			require.Contains(t, out.String(), c.out, c.reason)
			require.Contains(t, log.String(), c.log, c.reason)
		})
	}
}
