// SPDX-License-Identifier: AGPL-3.0-or-later

// Package ports assigns each server a loopback port and keeps it across restarts.
package ports

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net"
	"os"
	"strconv"
	"time"

	"github.com/picluster/tracing/molecule/lab/internal/folder"
)

// The range is below the ports that Linux uses for outgoing connections (32768 and up by default), so that a port of a
// stopped lab is not taken by chance.
const (
	lowest  = 20000
	highest = 32000
	tries   = 200
)

// Table is the port of each server by name.
type Table map[string]int

// Load reads the table of an earlier start; for a missing or damaged file it is empty.
func Load(path string) (Table, error) {
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Table{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the lab's ports: %w", err)
	}
	table := Table{}
	if json.Unmarshal(raw, &table) != nil {
		return Table{}, nil
	}
	return table, nil
}

// Save writes the table.
func (t Table) Save(path string) error {
	raw, err := json.MarshalIndent(t, "", "  ")
	if err != nil {
		return fmt.Errorf("write the lab's ports: %w", err)
	}
	return folder.WriteFile(path, append(raw, '\n'), 0o600)
}

// Assign gives every name a port. A port that was assigned before is kept when its server runs, or when it is free.
func (t Table) Assign(names []string, runs func(name string) bool) error {
	for _, name := range names {
		if port, known := t[name]; known && (runs(name) || soonFree(port)) {
			continue
		}
		port, err := t.pick()
		if err != nil {
			return fmt.Errorf("choose a port for %s: %w", name, err)
		}
		t[name] = port
	}
	return nil
}

func (t Table) pick() (int, error) {
	for range tries {
		port := lowest + rand.IntN(highest-lowest)
		if !t.given(port) && free(port) {
			return port, nil
		}
	}
	return 0, fmt.Errorf("no free one found from %d to %d", lowest, highest)
}

func (t Table) given(port int) bool {
	for _, other := range t {
		if other == port {
			return true
		}
	}
	return false
}

// soonFree gives a server that just died time to release its port; with a new port all its users would have to be restarted.
func soonFree(port int) bool {
	for range 20 {
		if free(port) {
			return true
		}
		time.Sleep(50 * time.Millisecond)
	}
	return false
}

func free(port int) bool {
	listener, err := net.Listen("tcp", Address(port))
	if err != nil {
		return false
	}
	listener.Close()
	return true
}

// Address is the loopback address with that port, such as 127.0.0.1:20001.
func Address(port int) string {
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
}
