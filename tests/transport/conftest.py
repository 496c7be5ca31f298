# SPDX-License-Identifier: AGPL-3.0-or-later
"""Fixtures of the transport's tests: a collection whose program is the probe, an sshd, users with and without sudo."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from accounts import Account, add_account, remove_account, sudo_rules
from playbook import SYSTEM_PYTHON, Controller, Outcome
from sshd import Sshd

ROOT = Path(__file__).parents[2]
MODULE = "tempo_helm"

# Stands in for the generated module: the transport reads only this constant from it.
STAND_IN_SPEC = """
ARGUMENT_SPEC = {
    "password": {"type": "str", "no_log": True, "aliases": ["pass_word"]},
    "servers": {"type": "list", "elements": "dict", "options": {"token": {"type": "str", "no_log": True}}},
}
"""


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """A separate base: any other pytest that starts closes the default one to the users who log in here."""
    config.option.basetemp = config.option.basetemp or tempfile.mkdtemp(prefix="transport-")


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove it; pytest cleans up only its default base."""
    shutil.rmtree(config.option.basetemp, ignore_errors=True)


def pytest_sessionstart() -> None:
    """Report a missing prerequisite instead of failing later."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # the users and their sudo rules are removed then too
    if os.getuid() != 0:
        pytest.exit("the transport's tests add users and start an sshd: run them as root", returncode=2)
    missing = [name for name in ("sshd", "sudo", "useradd", "setfacl", "go", SYSTEM_PYTHON) if not shutil.which(name)]
    if missing:
        pytest.exit(f"the transport's tests need {', '.join(missing)}: run 'make prerequisites'", returncode=2)


@pytest.fixture(scope="session", autouse=True)
def alone() -> Iterator[None]:
    """One run at a time: the users have fixed names, so that a run can clean up after an interrupted one."""
    with Path("/run/tracing-transport.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def collections(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A collections path with the work tree's plugins and the probe as the program."""
    path = tmp_path_factory.mktemp("collections")
    place = path / "ansible_collections" / "picluster" / "tracing"
    for folder in ("action", "plugin_utils"):
        ignored = shutil.ignore_patterns("bin", "__pycache__")
        shutil.copytree(ROOT / "plugins" / folder, place / "plugins" / folder, ignore=ignored)
    (place / "plugins" / "modules").mkdir()
    (place / "plugins" / "modules" / f"{MODULE}.py").write_text(STAND_IN_SPEC)
    for file in ("galaxy.yml", "meta/runtime.yml"):
        (place / file).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / file, place / file)
    _pack_probe(path / "probe", place / "plugins" / "plugin_utils" / "bin")
    return path


def _pack_probe(program: Path, folder: Path) -> None:
    environment = {**os.environ, "CGO_ENABLED": "0"}
    lines = (ROOT / ".ci" / "compiler_flags").read_text(encoding="utf-8").splitlines()
    flags = [line for line in lines if line.startswith("-")]
    build = ["go", "build", *flags, "-ldflags=-s -w", "-o", str(program), "./tests/transport/probe"]
    subprocess.run(build, cwd=ROOT, check=True, env=environment)
    architecture = subprocess.run(["go", "env", "GOARCH"], check=True, capture_output=True, text=True).stdout.strip()
    pack = [sys.executable, ROOT / ".ci" / "pack_programs.py", program.parent / "packed", folder, "0"]
    subprocess.run([*pack, f"{architecture}={program}"], check=True)


@pytest.fixture(scope="session")
def login() -> Account:
    """A user who may become root and the service user by sudo without a password."""
    account = add_account("tracing-login")
    with sudo_rules(account, "NOPASSWD: ALL"):
        yield account
    remove_account(account)


@pytest.fixture(scope="session")
def careful() -> Account:
    """A user whom sudo asks for a password, on its own terminal as in newer distributions."""
    account = add_account("tracing-careful")
    with sudo_rules(account, "ALL", "Defaults:tracing-careful use_pty, timestamp_timeout=0"):
        yield account
    remove_account(account)


@pytest.fixture(scope="session")
def service() -> Account:
    """A user without special permissions, for become_user."""
    account = add_account("tracing-service")
    yield account
    remove_account(account)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Sshd:
    """An sshd on a free loopback port that accepts the test's key for any user."""
    running = Sshd(tmp_path_factory.mktemp("sshd"))
    yield running
    running.stop()


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """The folder of root's program cache in this test."""
    return tmp_path / "cache"


@pytest.fixture
def controller(collections: Path, server: Sshd, cache: Path, tmp_path: Path) -> Controller:
    """Runs one task of the module on an inventory host and reports what it did."""
    # pytest's own folders belong only to root; the users of the tests must reach a cache in them.
    for parent in (tmp_path, *tmp_path.parents):
        if parent != Path("/tmp"):
            parent.chmod(0o755)
        else:
            break
    return Controller(collections, server, cache, tmp_path)


@pytest.fixture
def vaulted(controller: Controller, cache: Path, tmp_path: Path) -> Callable[[dict], Outcome]:
    """Runs a task with a vaulted value and a date, which only YAML can express."""

    def run(task: dict) -> Outcome:
        password = tmp_path / "vault-password"
        password.write_text("open sesame")
        encrypt = [Path(sys.executable).parent / "ansible-vault", "encrypt_string", "--vault-password-file", password]
        value = subprocess.run([*encrypt, "vaulted words"], check=True, capture_output=True, text=True).stdout
        lines = ["- hosts: all", "  gather_facts: false", "  tasks:", "    - picluster.tracing.tempo_helm:"]
        lines += ["        when: 2022-11-19", f"        chart: {value.rstrip()}"]
        lines += [f"      {key}: {json.dumps(item)}" for key, item in task.items()]
        play, inventory = tmp_path / "vaulted.yml", tmp_path / "vaulted-hosts.yml"
        play.write_text("\n".join(lines) + "\n")
        host = {"ansible_connection": "local", "ansible_python_interpreter": SYSTEM_PYTHON}
        host["picluster_tracing_cache"] = str(cache)
        inventory.write_text(json.dumps({"all": {"hosts": {"target": host}}}))
        return controller.finish(controller.start_file(play, inventory, "--vault-password-file", str(password)))

    return run
