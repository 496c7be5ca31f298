// SPDX-License-Identifier: AGPL-3.0-or-later

// Package process identifies running processes, so that another process can tell
// whether they are still alive.
package process

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// ID identifies one process of one machine: host, process ID, and what
// distinguishes it from others that had the same process ID.
type ID string

// Self is this process.
func Self() ID {
	pid := os.Getpid()
	host, err := os.Hostname()
	if err != nil {
		host = "unknown-host"
	}
	return ID(fmt.Sprintf("%s %d %s %s", host, pid, machine(), started(pid)))
}

// Name is the process as messages show it: "process 4711 on pi1".
func (id ID) Name() string {
	parts := strings.Fields(string(id))
	if len(parts) < 2 {
		return string(id)
	}
	return fmt.Sprintf("process %s on %s", parts[1], parts[0])
}

// Alive reports whether the process is running. That is known only on its own
// machine.
func (id ID) Alive() (alive, known bool) {
	parts := strings.Fields(string(id))
	if len(parts) != 4 || parts[2] != machine() || parts[2] == unknown {
		return false, false
	}
	pid, err := strconv.Atoi(parts[1])
	if err != nil {
		return false, false
	}
	return started(pid) == parts[3], true
}

const unknown = "unknown"

// machine identifies one boot of one machine and, within it, one PID namespace
// (proc(5), pid_namespaces(7)).
func machine() string {
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return unknown
	}
	namespace, err := os.Readlink("/proc/self/ns/pid")
	if err != nil {
		return unknown
	}
	return strings.TrimSpace(string(boot)) + "/" + namespace
}

// started is when a process began, in clock ticks since boot; "" for one that
// does not exist, and for a zombie, which no longer runs (proc_pid_stat(5)).
func started(pid int) string {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return ""
	}
	_, after, _ := strings.Cut(string(stat), ") ") // the name before may contain spaces
	fields := strings.Fields(after)
	const state, start = 0, 19
	if len(fields) <= start || fields[state] == "Z" {
		return ""
	}
	return fields[start]
}
