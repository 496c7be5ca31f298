# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to the collection: it may change in any release.
"""The programs that the collection ships: one for each architecture, packed with xz one after the other.

Half of what they hold is the same on every architecture, so one file of both is smaller than two files.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from ansible import constants
from ansible.errors import AnsibleError
from ansible_collections.picluster.tracing.plugins.plugin_utils import arm64

SHIPPED = Path(__file__).parent / "bin"
_DIGEST = hashlib.sha256().digest_size

# The output of "uname -sm" on the hosts where an architecture's program runs. A 64-bit kernel runs a static 64-bit
# program under a 32-bit userland too; "armv8l" is such a kernel that pretends to be a 32-bit one.
MACHINES = {
    "amd64": ("Linux x86_64",),
    "arm64": ("Linux aarch64", "Linux arm64"),
    "arm": ("Linux armv6l", "Linux armv7l", "Linux armv8l"),
}


@dataclass(frozen=True)
class Program:
    """One program: architecture (amd64, arm64), packed file, place in its content, SHA-256 and size in bytes."""

    architecture: str
    packed: Path
    offset: int
    size: int
    sha256: str

    @property
    def machines(self) -> tuple[str, ...]:
        """The output of "uname -sm" where this program runs."""
        return MACHINES[self.architecture]


def shipped(folder: Path = SHIPPED) -> list[Program]:
    """Return the programs that programs.json lists; AnsibleError when the collection has none."""
    try:
        rows = json.loads((folder / "programs.json").read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise AnsibleError(
            f"find the programs of picluster.tracing: {folder} has no programs.json; the collection was installed "
            "from its sources without a build: install it from Galaxy, or run 'make collection' and install the result"
        ) from error
    return [Program(packed=folder / row.pop("file"), **row) for row in rows]


def unpacked(program: Program) -> Path:
    """Return the unpacked program in the controller's cache; unpack it there first when it is missing or altered.

    The cache is ANSIBLE_HOME/picluster.tracing, mode 0700. Several runs may unpack at once: each writes a file of its
    own and renames it, so that a reader sees a whole program or none.
    """
    # The name is passed to ansible-core's module loader, which only keeps paths by base name.
    path = _cache() / f"picluster_tracing_{program.architecture}_{program.sha256[:16]}"
    if not _intact(path, program):
        _write(path, _whole(program), 0o700)
    return path


def _cache() -> Path:
    folder = Path(constants.config.get_config_value("ANSIBLE_HOME")).expanduser() / "picluster.tracing"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    return folder


def _intact(path: Path, program: Program) -> bool:
    try:
        return path.stat().st_size == program.size and _sha256(path.read_bytes()) == program.sha256
    except FileNotFoundError:
        return False


def compressed(program: Program) -> bytes:
    """Return the program as gzip, a third of its size; it is made once, and kept in the controller's cache.

    Every host unpacks gzip at 100 MB/s or more, and xz at a fifth of that. The kept file begins with the SHA-256 of the
    rest, by which a damaged one is noticed and made again.
    """
    path = _cache() / "gzip" / program.sha256
    kept = path.read_bytes() if path.is_file() else b""
    if kept and kept[:_DIGEST] == hashlib.sha256(kept[_DIGEST:]).digest():
        return kept[_DIGEST:]
    # Level 6 takes four times as long for a tenth less.
    content = gzip.compress(_whole(program), compresslevel=1, mtime=0)
    path.parent.mkdir(mode=0o700, exist_ok=True)
    _write(path, hashlib.sha256(content).digest() + content, 0o600)
    return content


def _whole(program: Program) -> bytes:
    content = _decompress(program)
    if program.architecture == "arm64":
        content = arm64.with_relative_calls(content)
    if _sha256(content) != program.sha256:
        raise AnsibleError(
            f"unpack {program.packed}: SHA-256 is not {program.sha256}, which programs.json promises; "
            "install the collection again"
        )
    return content


def _write(path: Path, content: bytes, mode: int) -> None:
    handle, part = tempfile.mkstemp(dir=path.parent, prefix=".part.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.chmod(part, mode)
        os.replace(part, path)
    except OSError:
        os.unlink(part)
        raise


def _decompress(program: Program) -> bytes:
    try:
        import lzma  # pylint: disable=import-outside-toplevel # a Python built without liblzma lacks it
    except ImportError as error:
        raise AnsibleError(
            f"unpack {program.packed}: the Python that runs Ansible was built without lzma; "
            "install liblzma-dev and build that Python again, or run Ansible with the system's Python"
        ) from error
    try:
        with lzma.open(program.packed) as file:  # in pieces: the other programs need not be in memory
            file.seek(program.offset)
            return file.read(program.size)
    except (OSError, lzma.LZMAError, EOFError) as error:
        raise AnsibleError(f"unpack {program.packed}: {error}; install the collection again") from error


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
