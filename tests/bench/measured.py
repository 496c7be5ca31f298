#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""Run a command on this process's own standard streams, and write what it cost into a file.

Usage: measured.py FILE COMMAND [ARGUMENT ...]

The file gets one JSON object: cpu_seconds (user and system time), peak_kib (the largest resident memory, files of
the program included), and exit_status.

Linux counts the memory of the process that starts a command as the command's own until it is loaded (ru_maxrss in
getrusage(2) lives on through execve(2)). That is why a benchmark in Go, which is large, starts commands through this
small one.
"""

import json
import os
import sys
from pathlib import Path


def main(report, *command):
    child = os.posix_spawn(command[0], command, os.environ)
    _, status, usage = os.wait4(child, 0)
    cost = {
        "cpu_seconds": usage.ru_utime + usage.ru_stime,
        "peak_kib": usage.ru_maxrss,
        "exit_status": os.waitstatus_to_exitcode(status),
    }
    Path(report).write_text(json.dumps(cost), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
