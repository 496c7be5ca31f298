// SPDX-License-Identifier: AGPL-3.0-or-later

package stack

import (
	"net"
	"os"
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// The ports that tests give to servers are below those that Linux gives to outgoing
// connections (net.ipv4.ip_local_port_range, 32768 and up), one of which could take
// a port before its server does, and below those of the lab.
const (
	lowestPort = 15000
	ports      = 5000
)

// begun is how many ports this process has tried. Each begins elsewhere.
var begun atomic.Int64

// Free returns distinct addresses on loopback on which nothing listens yet.
func Free(t *testing.T, count int) []string {
	t.Helper()
	var addresses []string
	for range ports {
		at := lowestPort + (int64(os.Getpid())*251+begun.Add(1))%ports
		listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", net.JoinHostPort("127.0.0.1", strconv.FormatInt(at, 10)))
		if err != nil {
			continue
		}
		defer listener.Close()
		if addresses = append(addresses, listener.Addr().String()); len(addresses) == count {
			return addresses
		}
	}
	require.Fail(t, "no free port")
	return nil
}
