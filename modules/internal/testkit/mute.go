// SPDX-License-Identifier: AGPL-3.0-or-later

package testkit

import (
	"bufio"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Mute starts a server that accepts every connection and says nothing. It ends
// with the test. The address is host:port.
func Mute(t testing.TB) string {
	t.Helper()
	return listen(t, func(connection net.Conn) {
		buffer := make([]byte, 4<<10)
		for {
			if _, err := connection.Read(buffer); err != nil {
				return
			}
		}
	})
}

// Dripping starts a server that answers every request with a byte per second:
// of its header, or of an endless body.
func Dripping(t testing.TB, header bool) string {
	t.Helper()
	return listen(t, func(connection net.Conn) {
		if _, err := http.ReadRequest(bufio.NewReader(connection)); err != nil {
			return
		}
		begin := "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n"
		if header {
			begin = "HTTP/1.1 200 OK\r\nX-Long: "
		}
		_, err := connection.Write([]byte(begin))
		for err == nil {
			time.Sleep(time.Second)
			_, err = connection.Write([]byte(" "))
		}
	})
}

// HeaderOnly starts a server that answers every request with a header, and sends
// nothing of the body that it promises.
func HeaderOnly(t testing.TB) string {
	t.Helper()
	return listen(t, func(connection net.Conn) {
		if _, err := http.ReadRequest(bufio.NewReader(connection)); err != nil {
			return
		}
		if _, err := connection.Write([]byte("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n")); err != nil {
			return
		}
		_, _ = connection.Read(make([]byte, 1)) // until the client closes it
	})
}

func listen(t testing.TB, serve func(net.Conn)) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = connection.Close() }()
				serve(connection)
			}()
		}
	}()
	return listener.Addr().String()
}
