# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to the collection: it may change in any release.
"""The managed host: one command runs the cached program there, another puts it into the cache."""

from __future__ import annotations

import secrets
import shlex
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ansible_collections.picluster.tracing.plugins.plugin_utils.programs import Program

SCRIPTS = Path(__file__).parent / "sh"
KEPT_PROGRAMS = 3


def run(programs: Iterable[Program], folder: str, verify: bool, settings: str, request: str) -> tuple[str, bytes]:
    """Return the command that runs the program and its standard input.

    folder "" is the default cache of the user who runs it; settings are shell lines that set the environment.
    """
    # Nobody can predict this line and smuggle settings past it.
    end = f"end of settings {secrets.token_hex(8)}"
    rows = [f"{machine}:{program.sha256}:{program.size}" for program in programs for machine in program.machines]
    command = _script("run.sh", folder, "yes" if verify else "no", end, *rows)
    return command, f"{settings}{end}\n{request}\n".encode("utf-8", "surrogateescape")


def install(program: Program, folder: str, form: str) -> str:
    """Return the command that puts the program, read from its standard input as gzip or plain, into the cache."""
    return _script("install.sh", folder, program.sha256, str(program.size), str(KEPT_PROGRAMS), form)


def takes_input(connection: object) -> bool:
    """Say whether a command on this connection can be given standard input."""
    if _of_mitogen(connection):
        return True
    if not connection.has_pipelining:
        return False
    become = connection.become
    # su reads its password only from a terminal; become plugins say so from ansible-core 2.18 on.
    return not become or getattr(become, "pipelining", become.name != "su")


def is_far(connection: object) -> bool:
    """Say whether what is sent on this connection leaves the controller, so that fewer bytes take less time."""
    return connection.transport != "local"


def _of_mitogen(connection: object) -> bool:
    """Say whether Mitogen replaced the connection; it passes input on and becomes another user by itself."""
    return any(each.__module__.partition(".")[0] == "ansible_mitogen" for each in type(connection).__mro__)


@contextmanager
def input_open(connection: object) -> Iterator[None]:
    """Enable the connection's option pipelining temporarily.

    Without it the local connection gives a command that may ask for a become password a terminal as its standard
    input, silently drops the request and waits forever (ansible-core plugins/connection/local.py, exec_command).
    """
    try:
        before = connection.get_option("pipelining")
    except KeyError:
        yield
        return
    connection.set_option("pipelining", True)
    try:
        yield
    finally:
        connection.set_option("pipelining", before)


def _script(name: str, *arguments: str) -> str:
    lines = (SCRIPTS / name).read_text(encoding="utf-8").splitlines()
    text = "\n".join(line for line in lines if line.strip() and not line.lstrip().startswith("# "))
    return shlex.join(["/bin/sh", "-c", text, "picluster.tracing", *arguments])
