// SPDX-License-Identifier: AGPL-3.0-or-later

// Package pods implements the small programs that run in the lab's pods: an application, and stand-ins for memcached and for
// a log shipper.
package pods

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
)

// Memcached is a stand-in for memcached with the commands that Tempo's client sends: get, gets, set, version. It is strict: any
// other command is an ERROR and closes the connection. It never evicts, and ignores expiry times.
func Memcached(ctx context.Context, _ []string) error {
	listener, err := net.Listen("tcp", ":11211")
	if err != nil {
		return err
	}
	context.AfterFunc(ctx, func() { listener.Close() })
	cache := &cache{entries: map[string]entry{}}
	for {
		client, err := listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return nil
		}
		if err != nil {
			return err
		}
		go cache.talk(client)
	}
}

// maxValue is memcached's own default for one entry.
const maxValue = 1 << 20

type entry struct {
	flags string
	value []byte
}

type cache struct {
	mutex   sync.Mutex
	entries map[string]entry
}

// talk serves one client.
func (c *cache) talk(client net.Conn) {
	defer client.Close()
	input, output := bufio.NewReader(client), bufio.NewWriter(client)
	for {
		line, err := input.ReadString('\n')
		if err != nil {
			return
		}
		known := c.answer(strings.Fields(line), input, output)
		if output.Flush() != nil || !known {
			return
		}
	}
}

func (c *cache) answer(words []string, input io.Reader, output *bufio.Writer) (known bool) {
	switch {
	case len(words) > 1 && (words[0] == "get" || words[0] == "gets"):
		c.get(words[1:], words[0] == "gets", output)
	case len(words) == 5 && words[0] == "set": // set KEY FLAGS EXPIRY BYTES
		return c.set(words, input, output)
	case len(words) == 1 && words[0] == "version":
		fmt.Fprint(output, "VERSION 1.5.17\r\n")
	default:
		fmt.Fprint(output, "ERROR\r\n")
		return false
	}
	return true
}

func (c *cache) get(keys []string, unique bool, output *bufio.Writer) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	for _, key := range keys {
		found, ok := c.entries[key]
		if !ok {
			continue
		}
		mark := ""
		if unique {
			mark = " 1"
		}
		fmt.Fprintf(output, "VALUE %s %s %d%s\r\n%s\r\n", key, found.flags, len(found.value), mark, found.value)
	}
	fmt.Fprint(output, "END\r\n")
}

func (c *cache) set(words []string, input io.Reader, output *bufio.Writer) (known bool) {
	size, err := strconv.Atoi(words[4])
	if err != nil || size < 0 || size > maxValue {
		fmt.Fprint(output, "SERVER_ERROR object too large for cache\r\n")
		return false
	}
	value := make([]byte, size+2)
	if _, err := io.ReadFull(input, value); err != nil || string(value[size:]) != "\r\n" {
		fmt.Fprint(output, "CLIENT_ERROR bad data chunk\r\n")
		return false
	}
	c.mutex.Lock()
	c.entries[words[1]] = entry{flags: words[2], value: value[:size]}
	c.mutex.Unlock()
	fmt.Fprint(output, "STORED\r\n")
	return true
}
