# SPDX-License-Identifier: AGPL-3.0-or-later
"""README followed literally in an empty Debian 12.

Usage: follow_readme.py ROOT TARBALL LAB_DIR

Its files are written as it shows them, and its commands run in its order, word for word. ROOT is made by debootstrap
where it is missing, and has nothing but Debian's minimal system. What readers have of their own is the lab's: its
addresses and passwords take the place of the examples in README's inventory and vault, and the tarball, which README
names for a controller without internet, that of Galaxy.
"""

from __future__ import annotations

import os
import pty
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parents[1]
USER = "reader"
PASSWORD = "of the vault"  # noqa: S105 # of a file that only exists during this run
SUDO = f"{USER} ALL=(ALL) NOPASSWD: ALL\n"

# What README's examples are replaced by, from the lab.
OWN = {
    "s3.picluster.example:9091": "LAB_MINIO_ENDPOINT",
    "https://monitoring.picluster.example/grafana/": "LAB_GRAFANA_URL",
    "of MinIO's root user": "LAB_MINIO_ROOT_PASSWORD",
    "of Grafana's admin": "LAB_GRAFANA_PASSWORD",
    "minio_root_user: root\n": "LAB_MINIO_ROOT_USER",
}
# What README's example of a new key becomes: the reader makes one up.
NEW_KEY = ("a new secret key for Tempo, 8 characters at least", "a-key-that-a-reader-made-up")

# How the lab differs from a reader's cluster: its host is this machine, MinIO and the charts are on loopback by plain
# HTTP, and its pods are simulated, so that no trace flows.
LAB_VARS = """
ansible_connection: local
minio_url: {LAB_MINIO_URL}
tempo_chart_repo_url: {LAB_CHARTS_URL}
grafana_loki_url: http://loki-gateway.logging.svc.cluster.local
verify_enabled: false
"""


def blocks(text: str) -> list[tuple[str, str]]:
    """Return the fenced blocks of a page in its order: the kind, and the text."""
    return re.findall(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def commands(text: str) -> list[str]:
    """Return the commands of README's blocks without a kind, up to those that try it from a clone."""
    lines = [line for kind, block in blocks(text) if not kind and "│" not in block for line in block.splitlines()]
    return [
        line.split("  #")[0].strip()
        for line in lines
        if line and not line.startswith(("make ", "docker ", " ", "modules/", "plugins/", "roles/", "molecule/"))
    ]


def inline(text: str, begin: str) -> str:
    """Return the one inline command with this beginning."""
    (found,) = set(re.findall(rf"`({re.escape(begin)}[^`]*)`", text))
    return found


def yaml_block(text: str, begin: str) -> str:
    """Return the block of YAML with this beginning."""
    (found,) = [block for kind, block in blocks(text) if kind == "yaml" and block.startswith(begin)]
    return found


def lab_of(folder: Path) -> dict[str, str]:
    return dict(line.split("=", 1) for line in (folder / "env").read_text().splitlines() if "=" in line)


def owned(text: str, lab: dict[str, str]) -> str:
    """Replace README's examples by the lab's values."""
    for example, name in OWN.items():
        key, _, _ = example.partition(": ") if example.endswith("\n") else ("", "", "")
        text = text.replace(example, f"{key}: {lab[name]}\n" if key else lab[name])
    return text.replace(*NEW_KEY)


def make_root(root: Path) -> None:
    if not (root / "usr/bin/dpkg").exists():
        if not shutil.which("debootstrap"):
            sys.exit("debootstrap is missing: run 'apt-get install debootstrap' as root, on Debian or Ubuntu")
        print(f"making an empty Debian 12 in {root}", flush=True)
        root.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            ["debootstrap", "--variant=minbase", "--include=ca-certificates", "bookworm", str(root)],
            check=True,
            stdout=subprocess.DEVNULL,
        )
    for name in (
        "/etc/resolv.conf",
        "/etc/pip.conf",
        "/etc/ssl/certs/ca-certificates.crt",
    ):  # the machine's access to Debian and PyPI
        if Path(name).exists():
            shutil.copyfile(name, root / name[1:])


def enter(root: Path, command: str, user: str = USER) -> None:
    """Run a command as README's reader types it, and answer its prompts."""
    print(f"{'$' if user == USER else '#'} {command}", flush=True)
    home = f"/home/{user}" if user == USER else "/root"
    inner = f"cd {home}; [ ! -e ansible/bin/activate ] || . ansible/bin/activate; {command}"
    path = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"
    clean = f"env -i HOME={home} USER={user} LANG=C.UTF-8 TERM=dumb PATH={path} EDITOR=/usr/local/bin/editor"
    # A separate mount namespace: the mounts end with the command.
    mounts = f"mount -t proc proc {root}/proc && mount --rbind /dev {root}/dev"
    line = f"{mounts} && exec chroot --userspec={user} {root} {clean} bash -ec {shlex.quote(inner)}"
    process, terminal = pty.fork()
    if process == 0:
        os.execvp("unshare", ["unshare", "--mount", "bash", "-ec", line])
    answer(terminal)
    status = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    if status:
        sys.exit(f"README's command failed with {status}: {command}")


def answer(terminal: int) -> None:
    """Show a command's output, and enter the vault's password at its prompt."""
    asked = b""
    while True:
        try:
            got = os.read(terminal, 4096)
        except OSError:  # the other side has ended
            return
        if not got:
            return
        sys.stdout.write(got.decode(errors="replace"))
        sys.stdout.flush()
        asked = (asked + got)[-40:]
        if re.search(rb"[Pp]assword: $", asked):
            asked = b""
            os.write(terminal, PASSWORD.encode() + b"\n")


def prepare(root: Path, text: str, lab: dict[str, str], tarball: Path) -> None:
    """Give the empty machine README's prerequisites: a user, a kubeconfig, and the reader's own files."""
    home = root / "home" / USER
    if not home.exists():
        subprocess.run(["chroot", str(root), "useradd", "--create-home", "--shell", "/bin/bash", USER], check=True)
    shutil.rmtree(home)
    (home / "host_vars").mkdir(parents=True)
    (home / "inventory.yml").write_text(owned(yaml_block(text, "k3s_cluster:"), lab))
    (home / "host_vars/node1.yml").write_text(LAB_VARS.format(**lab))
    shutil.copy(tarball, home)
    subprocess.run(["chroot", str(root), "chown", "-R", USER, f"/home/{USER}"], check=True)
    shutil.rmtree(root / "var/cache/picluster.tracing", ignore_errors=True)
    kubeconfig = root / "etc/rancher/k3s/k3s.yaml"
    kubeconfig.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(lab["KUBECONFIG"], kubeconfig)
    kubeconfig.chmod(0o600)
    # The editor that ansible-vault opens writes what README shows.
    editor = root / "usr/local/bin/editor"
    editor.write_text("#!/bin/sh\ncat >\"$1\" <<'END'\n" + owned(yaml_block(text, "vault:"), lab) + "END\n")
    editor.chmod(0o755)


def follow(root: Path, text: str, tarball: Path) -> None:
    # The host of the inventory is this machine too; a Raspberry Pi has sudo.
    enter(root, "apt-get update -qq && apt-get install -y -qq --no-install-recommends sudo >/dev/null 2>&1", "root")
    (root / "etc/sudoers.d/reader").write_text(SUDO)
    for command in commands(text):
        if command.startswith("apt-get"):
            enter(root, command, "root")
        elif command == "ansible-galaxy collection install picluster.tracing":
            offline = inline(text, "ansible-galaxy collection install picluster-tracing-")
            enter(root, re.sub(r"picluster-tracing-[\d.]+\.tar\.gz", tarball.name, offline))
            enter(root, inline(text, "ansible-vault create "))
        else:
            enter(root, command)
    enter(root, commands(text)[-1] + " | tee second && grep -q 'changed=0 .*failed=0' second")
    enter(root, inline(text, "ansible-playbook picluster.tracing.teardown"))


def main() -> None:
    root, tarball, lab = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve(), lab_of(Path(sys.argv[3]))
    if os.geteuid() != 0:
        sys.exit("this needs root, since it enters another root folder: run it with sudo")
    text = (TOP / "README.md").read_text(encoding="utf-8")
    make_root(root)
    prepare(root, text, lab, tarball)
    follow(root, text, tarball)
    print("README ends green as written, from an empty Debian 12")


if __name__ == "__main__":
    main()
