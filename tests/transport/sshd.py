# SPDX-License-Identifier: AGPL-3.0-or-later
"""A real sshd on loopback with its own host key, log and configuration."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from pathlib import Path

CONFIGURATION = """
ListenAddress 127.0.0.1:{port}
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/key.pub
PermitRootLogin prohibit-password
PasswordAuthentication no
StrictModes no
UsePAM no
PidFile none
LogLevel VERBOSE
Subsystem sftp internal-sftp
"""


class Sshd:
    """Runs until stop(); its log has every client's requests."""

    def __init__(self, folder: Path) -> None:
        self.key = folder / "key"
        self._log = folder / "log"
        for name in ("key", "host_key"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / name], check=True)
        for parent in (folder, *folder.parents):  # the users of the tests read the public key
            if parent == Path("/tmp"):
                break
            parent.chmod(0o755)
        Path("/run/sshd").mkdir(exist_ok=True)
        self.port = _free_port()
        configuration = folder / "config"
        configuration.write_text(CONFIGURATION.format(port=self.port, folder=folder))
        command = [shutil.which("sshd"), "-D", "-f", configuration, "-E", self._log]
        self._process = subprocess.Popen(command)
        self._wait_until_it_answers()

    def sessions(self) -> list[str]:
        """What clients started so far: "command" or "subsystem 'sftp'", in order."""
        marker = "Starting session: "
        lines = self._log.read_text().splitlines()
        return [line.split(marker)[1].split(" for ")[0] for line in lines if marker in line]

    @property
    def process(self) -> int:
        """The server's process ID."""
        return self._process.pid

    def stop(self) -> None:
        """End the server; sessions that clients keep open end with their clients."""
        self._process.terminate()
        self._process.wait(10)

    def _wait_until_it_answers(self) -> None:
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.05)
        raise TimeoutError(f"sshd does not answer on port {self.port}: {self._log.read_text()}")


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
