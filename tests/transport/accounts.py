# SPDX-License-Identifier: AGPL-3.0-or-later
"""Users that exist only during the tests."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PASSWORD = "c0rrect-horse"


@dataclass(frozen=True)
class Account:
    """A user of this machine."""

    name: str
    uid: int
    home: Path

    @property
    def cache(self) -> Path:
        """The program cache that the transport uses for this user by default."""
        return self.home / ".cache" / "picluster.tracing"


def add_account(name: str) -> Account:
    """Add a user; one that an interrupted run left behind is removed first."""
    subprocess.run(["userdel", "--force", "--remove", name], check=False, capture_output=True)
    home = Path("/home") / name
    subprocess.run(["useradd", "--create-home", "--home-dir", home, "--shell", "/bin/sh", name], check=True)
    subprocess.run(["chpasswd"], input=f"{name}:{PASSWORD}\n", text=True, check=True)
    uid = int(subprocess.run(["id", "-u", name], check=True, capture_output=True, text=True).stdout)
    return Account(name, uid, home)


def remove_account(account: Account) -> None:
    """Remove the user and its home."""
    subprocess.run(["userdel", "--force", "--remove", account.name], check=True, capture_output=True)


@contextmanager
def sudo_rules(account: Account, allowed: str, *more: str) -> Iterator[None]:
    """Allow the user to run these commands as any user."""
    file = Path("/etc/sudoers.d") / account.name
    file.write_text("\n".join([*more, f"{account.name} ALL=(ALL:ALL) {allowed}", ""]))
    file.chmod(0o440)
    try:
        subprocess.run(["visudo", "--check", "--quiet", "--file", file], check=True)
        yield
    finally:
        file.unlink()
