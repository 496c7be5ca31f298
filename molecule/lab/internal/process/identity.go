// SPDX-License-Identifier: AGPL-3.0-or-later

// Package process starts the lab's servers, recognises them later, and stops no
// other processes.
package process

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// bootFile changes with every boot of the machine; start times of processes count from there.
const bootFile = "/proc/sys/kernel/random/boot_id"

// identity distinguishes a process from a later one with the same process ID.
type identity struct {
	Pid   int    `json:"pid"`
	Start string `json:"start"`
	Boot  string `json:"boot"`
}

// identify reads the identity of a running process; gone is true when there is none, or only its unread exit status.
func identify(pid int) (id identity, gone bool, err error) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return identity{}, true, nil
	}
	state, start, err := parseStat(raw)
	if err != nil {
		return identity{}, false, fmt.Errorf("read the start time of process %d: %w", pid, err)
	}
	boot, err := os.ReadFile(bootFile)
	if err != nil {
		return identity{}, false, fmt.Errorf("read the start of this machine: %w", err)
	}
	return identity{Pid: pid, Start: start, Boot: strings.TrimSpace(string(boot))}, state == "Z" || state == "X", nil
}

// parseStat reads the state (field 3) and the start time (field 22) from
// /proc/PID/stat. The program's name is in parentheses before them and may contain
// blanks and parentheses itself, so counting starts after the last one
// (proc(5)).
func parseStat(raw []byte) (state, start string, err error) {
	_, rest, found := cutLast(raw, []byte(") "))
	fields := strings.Fields(string(rest))
	if !found || len(fields) < 20 {
		return "", "", fmt.Errorf("unknown form %q", raw)
	}
	if _, err := strconv.ParseUint(fields[19], 10, 64); err != nil {
		return "", "", fmt.Errorf("unknown form %q", raw)
	}
	return fields[0], fields[19], nil
}

func cutLast(raw, mark []byte) (before, after []byte, found bool) {
	at := bytes.LastIndex(raw, mark)
	if at < 0 {
		return raw, nil, false
	}
	return raw[:at], raw[at+len(mark):], true
}
