// SPDX-License-Identifier: AGPL-3.0-or-later

package process

import (
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestAlive(t *testing.T) {
	self := strings.Fields(string(Self()))
	cases := map[string]struct {
		reason       string
		id           ID
		alive, known bool
	}{
		"this process":        {"it runs", Self(), true, true},
		"a number used again": {"the start time distinguishes the two", ID(strings.Join([]string{self[0], self[1], self[2], "1"}, " ")), false, true},
		"another machine":     {"its processes cannot be seen from here", ID("pi2 1 other-boot/pid:[1] 5"), false, false},
		"another program's":   {"a lease may hold any text", ID("leader-1"), false, false},
		"nobody":              {"an empty lease has no holder", ID(""), false, false},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			alive, known := test.id.Alive()
			require.Equal(t, [2]bool{test.alive, test.known}, [2]bool{alive, known}, test.reason)
		})
	}
}

func TestDeadAsSoonAsItEnds(t *testing.T) {
	child := exec.Command("sleep", "60")
	require.NoError(t, child.Start())
	host, _ := os.Hostname()
	id := ID(strings.Join([]string{host, strconv.Itoa(child.Process.Pid), machine(), started(child.Process.Pid)}, " "))
	alive, known := id.Alive()
	require.True(t, alive && known)
	require.NoError(t, child.Process.Kill())
	require.Eventually(t, func() bool { alive, _ := id.Alive(); return !alive }, time.Minute, 10*time.Millisecond, "a killed child that has not been waited for is a zombie, and counts as dead")
	_ = child.Wait()
	alive, known = id.Alive()
	require.False(t, alive)
	require.True(t, known)
}

func TestName(t *testing.T) {
	require.Equal(t, "process 4711 on pi1", ID("pi1 4711 m 9").Name())
	require.Equal(t, "leader", ID("leader").Name())
}
