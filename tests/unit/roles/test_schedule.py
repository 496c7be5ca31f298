# SPDX-License-Identifier: AGPL-3.0-or-later
"""The role schedule with a stand-in for Ansible: runs that hang, fail, are locked out, or have an odd environment."""

from __future__ import annotations

import fcntl
import json
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
ROLE = str(ROOT / "roles" / "schedule")
NAME = "tracing-unit"
SHELLS = [shell for shell in ("dash", "bash") if shutil.which(shell)]

# The stand-in for ansible-playbook: it runs the file beside it.
STAND_IN = '#!/bin/sh\n. "$(dirname "$0")/does"\n'


class Schedule:
    """The role's files in a folder, and the role that writes them."""

    def __init__(self, place: Path) -> None:
        """Make the folders that exist on every machine."""
        self.place, self.script, self.log = place, place / "run 50% of $it", place / "log"
        self.state, self.lock = place / "lib" / "state", place / "lib" / "lock"
        for folder in ("bin", "logrotate", "cron", "units"):
            (place / folder).mkdir()
        program = place / "bin" / "ansible-playbook"
        program.write_text(STAND_IN, encoding="utf-8")
        program.chmod(0o755)
        self.does("true")

    def does(self, commands: str) -> None:
        """Set what a run does."""
        (self.place / "bin" / "does").write_text(commands + "\n", encoding="utf-8")

    def settings(self, **variables: object) -> dict[str, object]:
        """The role's variables; PLACE in them is the folder."""
        return {
            "schedule_method": "cron",
            "schedule_name": NAME,
            "schedule_user": subprocess.check_output(["id", "-un"], text=True).strip(),
            "schedule_inventory": "/etc/inventory.yml",
            "schedule_ansible_folder": str(self.place / "bin"),
            "schedule_script": str(self.script),
            "schedule_log": str(self.log),
            "schedule_folder": str(self.place / "lib"),
            "schedule_cron_folder": str(self.place / "cron"),
            "schedule_units_folder": str(self.place / "units"),
            "schedule_logrotate_folder": str(self.place / "logrotate"),
            **{
                key: value.replace("PLACE", str(self.place)) if isinstance(value, str) else value
                for key, value in variables.items()
            },
        }

    def role(self, **variables: object) -> subprocess.CompletedProcess:
        """Run the role."""
        return self.play({"roles": [ROLE], "vars": self.settings(**variables)})

    def refusals(self, cases: dict[str, dict]) -> dict[str, str]:
        """Run the role for each case; return its error."""
        tasks = [
            {
                "block": [{"ansible.builtin.include_role": {"name": ROLE}, "vars": self.settings(**case)}],
                "rescue": [
                    {"ansible.builtin.debug": {"msg": f"REFUSED {name}: {{{{ ansible_failed_result | to_json }}}}"}}
                ],
            }
            for name, case in cases.items()
        ]
        done = self.play({"tasks": tasks})
        return dict(re.findall(r'"msg": "REFUSED ([^:]+): (.*)"', done.stdout))

    def play(self, play: dict) -> subprocess.CompletedProcess:
        """Run a play on this machine."""
        (self.place / "play.json").write_text(
            json.dumps([{"hosts": "localhost", "gather_facts": False, **play}]), encoding="utf-8"
        )
        environment = {**os.environ, "ANSIBLE_NOCOLOR": "1", "LC_ALL": "C.UTF-8"}
        command = [Path(sys.executable).parent / "ansible-playbook", self.place / "play.json"]
        return subprocess.run(command, capture_output=True, text=True, check=False, env=environment, cwd=self.place)

    def write(self, **variables: object) -> str:
        """Run the role, which must succeed; return the recap."""
        done = self.role(**variables)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout.rpartition("PLAY RECAP")[2]

    def run(self, *arguments: str, shell: str = "sh", **environment: str) -> subprocess.CompletedProcess:
        """Run the script as cron does."""
        settings = {"HOME": "/nonexistent", "PATH": "/usr/bin:/bin", **environment}
        return subprocess.run(
            [shutil.which(shell), self.script, *arguments],
            env=settings,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def known(self) -> dict[str, str]:
        """The lines of the state."""
        return dict(line.split(" ", 1) for line in self.state.read_text(encoding="utf-8").splitlines())

    def remember(self, **lines: str) -> None:
        """Write the state."""
        self.state.write_text("".join(f"{word} {rest}\n" for word, rest in lines.items()), encoding="utf-8")


@pytest.fixture(scope="module")
def schedule(tmp_path_factory) -> Schedule:
    made = Schedule(tmp_path_factory.mktemp("schedule"))
    assert "changed=4" in made.write(schedule_time_limit=600, schedule_silence_limit=3600)
    return made


@pytest.fixture
def impatient(schedule) -> Schedule:
    """The script with two seconds for a run, and one until it is killed."""
    script = schedule.script.read_text(encoding="utf-8")
    quick = script.replace("time_limit=600\n", "time_limit=2\n").replace("timeout -k 60 ", "timeout -k 1 ")
    assert quick.count("time_limit=2\n") == quick.count("timeout -k 1 ") == 1
    schedule.script.write_text(quick, encoding="utf-8")
    yield schedule
    schedule.script.write_text(script, encoding="utf-8")


def eventually(look) -> None:
    """Wait until it holds."""
    deadline = time.monotonic() + 60
    while not look():
        assert time.monotonic() < deadline, "not within a minute"
        time.sleep(0.02)


@pytest.fixture(autouse=True)
def _fresh(schedule):
    schedule.state.unlink(missing_ok=True)
    schedule.does("true")


@pytest.mark.parametrize("shell", SHELLS)
def test_a_run_that_succeeds_says_nothing_and_is_remembered(schedule, shell):
    begin = int(time.time())
    done = schedule.run(shell=shell)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    known = schedule.known()
    ended, status = known["ended"].split()
    assert status == "0"
    assert begin <= int(known["since"]) <= int(known["began"]) <= int(ended) <= int(known["succeeded"]) <= time.time()
    assert schedule.state.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("shell", SHELLS)
def test_a_run_that_hangs_is_stopped_and_the_next_one_runs(impatient, shell):
    impatient.does("echo begins; exec sleep 77777")
    done = impatient.run(shell=shell)
    assert done.returncode == 124
    assert (
        f"{NAME}: Ansible had not finished after 2 s and was stopped; the end of what it wrote to {impatient.log}:"
        in done.stderr
    )
    assert done.stderr.endswith("begins\n")
    assert impatient.known()["ended"].endswith(" 124")
    assert "succeeded" not in impatient.known()
    impatient.does("true")
    assert impatient.run(shell=shell).returncode == 0


def test_nothing_of_a_hanging_run_is_left(impatient):
    impatient.does("sleep 77123 & sleep 77124")
    assert impatient.run().returncode == 124
    eventually(lambda: "sleep 7712" not in subprocess.check_output(["ps", "-eo", "args"], text=True))


def test_what_does_not_end_on_request_is_killed(impatient):
    impatient.does("trap '' TERM; while :; do sleep 1; done")
    done = impatient.run()
    assert done.returncode == 137
    assert "had not finished after 2 s and was stopped" in done.stderr


def test_a_run_that_is_killed_early_did_not_take_too_long(schedule):
    schedule.does("kill -9 $$")
    assert "Ansible ended with status 137" in schedule.run().stderr


@pytest.mark.parametrize("shell", SHELLS)
def test_a_failed_run_quotes_its_own_output_only(schedule, shell):
    schedule.does("for i in $(seq 100); do echo old $i; done; exit 3")
    assert schedule.run(shell=shell).stderr.count("old") == 40
    schedule.does("echo new; exit 4")
    done = schedule.run(shell=shell)
    assert done.returncode == 4
    assert "Ansible ended with status 4" in done.stderr
    assert "old" not in done.stderr
    assert done.stderr.endswith("\nnew\n")


def test_the_log_is_rotated_during_a_run(schedule):
    other = schedule.place / "log.1"
    schedule.does(f"echo before; mv '{schedule.log}' '{other}'; echo strange >'{schedule.log}'; echo after; exit 1")
    done = schedule.run()
    other.rename(schedule.log)
    assert done.stderr.endswith("\nbefore\nafter\n")


@pytest.mark.parametrize("shell", SHELLS)
def test_a_run_is_left_out_and_in_the_end_that_is_a_failure(schedule, shell):
    now = int(time.time())
    cases = {
        "first of all": ({}, 75),
        "an hour ago": ({"since": "1", "ended": f"{now - 3000} 0"}, 75),
        "failed an hour ago": ({"since": "1", "ended": f"{now - 3000} 2"}, 75),
        "too long ago": ({"since": "1", "ended": f"{now - 8000} 0"}, 69),
        "never": ({"since": f"{now - 200000}"}, 69),
        "in the future": ({"since": "1", "ended": f"{now + 100000} 0"}, 75),
    }
    with schedule.lock.open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for name, (known, status) in cases.items():
            schedule.remember(**known)
            done = schedule.run(shell=shell)
            assert done.returncode == status, (name, done.stderr)
            assert ("no run has finished for" in done.stderr) == (status == 69), name
            assert ("the previous run has not finished; this one is skipped" in done.stderr) == (status == 75), name
            assert schedule.known().get("ended") == known.get("ended")
        schedule.remember(since="1", ended=f"{now - 8000} 0")
        assert f"no run has finished for 2 hours: see who holds {schedule.lock}" in schedule.run().stderr


def test_the_state_is_told(schedule):
    now = int(time.time())
    none = schedule.run("--status")
    assert (none.returncode, "there was no run yet" in none.stderr) == (73, True)
    schedule.remember(since="1", began=f"{now - 700}", ended=f"{now - 600} 2", succeeded=f"{now - 90000}")
    told = schedule.run("--status")
    assert told.returncode == 0
    assert (
        told.stdout
        == f"{NAME}: the last run finished 10 minutes ago with status 2\n{NAME}: the last success was 25 hours ago\n"
    )
    schedule.remember(since="1", ended=f"{now - 259300} 0", began=f"{now - 150}")
    told = schedule.run("--status")
    assert told.returncode == 69
    assert (
        told.stdout == f"{NAME}: the last run finished 3 days ago with status 0\n"
        f"{NAME}: a run began 2 minutes ago and has not finished\n"
    )
    assert told.stderr == f"{NAME}: no run has finished for 3 days\n"


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(
    "environment",
    [
        {"LC_ALL": "C"},
        {"LC_ALL": "POSIX"},
        {"LANG": "C"},
        {"LC_ALL": "xx_XX.UTF-8"},
        {"LC_CTYPE": "C"},
        {"LC_ALL": ""},
        {},
    ],
    ids=str,
)
def test_ansible_gets_a_locale_that_it_takes(schedule, shell, environment):
    ask = "import locale; locale.setlocale(locale.LC_ALL, str()); print(locale.getlocale()[1])"
    schedule.does(f"'{sys.executable}' -c '{ask}'; exit 9")
    done = schedule.run(shell=shell, **environment)
    assert done.stderr.endswith("\nUTF-8\n")


def test_the_real_ansible_starts_with_every_locale(schedule):
    schedule.does(f"exec '{Path(sys.executable).parent}/ansible-playbook' --version")
    for environment in ({"LC_ALL": "C"}, {"LC_ALL": "POSIX"}, {"LANG": "de_DE.ISO-8859-1"}):
        done = schedule.run(**environment)
        assert done.returncode == 0, done.stderr


def test_ansible_gets_what_cron_leaves_out(schedule):
    schedule.does('umask; echo "$HOME"; echo "$PATH"; readlink /proc/$$/fd/8 /proc/$$/fd/9; echo end; exit 9')
    old = os.umask(0o022)
    try:
        done = subprocess.run(
            ["/bin/sh", schedule.script], env={}, capture_output=True, text=True, check=False, timeout=60
        )
    finally:
        os.umask(old)
    umask, home, path, end = done.stderr.splitlines()[-4:]
    assert (umask, home, end) == (
        "0022",
        pwd.getpwuid(os.getuid()).pw_dir,
        "end",
    )
    assert {"/usr/local/bin", "/usr/sbin", "/sbin", "/usr/bin", "/bin"} <= set(path.split(":"))


def test_a_run_that_is_told_to_end_takes_ansible_with_it(schedule):
    pid = schedule.place / "pid"
    schedule.does(f"echo $$ >'{pid}.new'; mv '{pid}.new' '{pid}'; exec sleep 1000")
    script = subprocess.Popen(["/bin/sh", schedule.script], env={"PATH": os.environ["PATH"]}, stderr=subprocess.PIPE)
    eventually(pid.exists)
    script.send_signal(signal.SIGTERM)
    assert script.wait(60) != 0
    script.stderr.close()
    eventually(lambda: not Path("/proc", pid.read_text(encoding="utf-8").strip()).exists())


def test_the_lock_outlives_a_killed_script_as_long_as_ansible_runs(schedule):
    begun, end = schedule.place / "begun", schedule.place / "end"
    schedule.does(f": >'{begun}'; while [ ! -e '{end}' ]; do sleep 0.05; done")
    script = subprocess.Popen(["/bin/sh", schedule.script], env={"PATH": os.environ["PATH"]})
    eventually(begun.exists)
    script.kill()
    script.wait(60)
    assert schedule.run().returncode == 75
    end.touch()
    eventually(lambda: schedule.run().returncode == 0)


@pytest.mark.parametrize("file", ["log", "lock", "state"])
def test_the_script_writes_through_no_link(schedule, file):
    precious = schedule.place / "precious"
    precious.write_text("precious", encoding="utf-8")
    path = getattr(schedule, file)
    path.unlink(missing_ok=True)
    path.symlink_to(precious)
    done = schedule.run()
    path.unlink()
    if file == "log":
        path.touch(0o600)
    assert (done.returncode, done.stderr) == (73, f"{NAME}: {path} is a link\n")
    assert precious.read_text(encoding="utf-8") == "precious"


REFUSED = {
    "no end": ({"schedule_time_limit": 0}, "schedule_time_limit is a number of seconds from 1 to 604800"),
    "less than none": ({"schedule_time_limit": -5}, "schedule_time_limit is a number of seconds from 1 to 604800"),
    "practically never": (
        {"schedule_time_limit": 10**9},
        "schedule_time_limit is a number of seconds from 1 to 604800",
    ),
    "no silence": ({"schedule_silence_limit": 0}, "schedule_silence_limit one from 1 to 31536000"),
    "log": ({"schedule_log": "PLACE/link"}, "PLACE/link is a link"),
    "lock": ({"schedule_lock": "PLACE/link"}, "PLACE/link is a link"),
    "folder": ({"schedule_folder": "PLACE/open"}, "that nobody else can write to"),
    "log in a folder": ({"schedule_log": "PLACE/kept"}, "PLACE/kept is a folder, not a regular file"),
    "log in a pipe": ({"schedule_log": "PLACE/pipe"}, "PLACE/pipe is a pipe, not a regular file"),
    "log with another name": ({"schedule_log": "PLACE/twice"}, "PLACE/twice has another name"),
    "lock in a folder": ({"schedule_lock": "PLACE/kept"}, "PLACE/kept is a folder, not a regular file"),
    "script": ({"schedule_script": "PLACE/kept"}, "PLACE/kept is a folder, not a regular file"),
    "rotation": ({"schedule_logrotate_folder": "PLACE/taken"}, f"PLACE/taken/{NAME} is a folder"),
    "cron": ({"schedule_cron_folder": "PLACE/taken"}, f"PLACE/taken/{NAME} is a folder"),
    "removed script": ({"schedule_state": "absent", "schedule_script": "PLACE/kept"}, "PLACE/kept is a folder"),
    "removed state": ({"schedule_state": "absent", "schedule_folder": "PLACE/home"}, "PLACE/home/state is a folder"),
    "vault": (
        {"schedule_vault_password_file": "PLACE/password"},
        "can be read by every user of this machine: chmod 0600",
    ),
}


# A login in the URL would appear in the script, in the list of processes and in the log.
LOGINS = {
    "a token": "https://glpat-canary@git.example/pi.git",
    "a user with a password": "https://pi:canary@git.example/pi.git",
    "a password with a slash": "https://pi:can/ary@git.example/pi.git",
    "in capitals": "HTTPS://oauth2:canary@git.example/pi.git",
    "by ssh": "ssh://pi:canary@git.example/pi.git",
    "by git's own transport": "git://pi:canary@git.example/pi.git",
    "behind a blank": " https://canary@git.example/pi.git",
    "without a scheme": "pi:canary@git.example/pi.git",
    "in the query": "https://git.example/pi.git?private_token=canary",
    "further in the query": "https://git.example/pi.git?ref=main&access_token=canary",
}
ADDRESSES = {
    "plain": "https://git.example/pi.git",
    "with a port": "https://git.example:8443/pi@home.git",
    "a key's user": "ssh://git@git.example:2222/pi.git",
    "as scp has it": "git@git.example:pi/tracing.git",
    "a folder": "/srv/git/pi@home.git",
    "a query": "https://git.example/pi.git?ref=main&keyboard=de",
}


def test_an_address_with_a_login_is_refused(tmp_path):
    schedule = Schedule(tmp_path)
    said = "schedule_pull_url must not hold a login or token"
    other = "schedule_time_limit is a number"
    cases = {
        **{name: ({"schedule_pull_url": url}, said) for name, url in LOGINS.items()},
        **{name: ({"schedule_pull_url": url, "schedule_time_limit": 0}, other) for name, url in ADDRESSES.items()},
    }
    told = schedule.refusals({name: variables for name, (variables, _words) in cases.items()})
    assert told.keys() == cases.keys()
    for name, (_variables, words) in cases.items():
        assert words in told[name], name
        assert "canary" not in told[name], name
    assert not schedule.script.exists()


def test_what_the_role_refuses(tmp_path):
    schedule = Schedule(tmp_path)
    (tmp_path / "link").symlink_to(tmp_path / "precious")
    (tmp_path / "password").write_text("x", encoding="utf-8")
    (tmp_path / "password").chmod(0o644)
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o777)
    files = [tmp_path / name for name in (f"kept/{NAME}", f"taken/{NAME}/x", "home/state/x", "twice")]
    for file in files:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    (tmp_path / "once").hardlink_to(tmp_path / "twice")
    os.mkfifo(tmp_path / "pipe")
    modes = {path: path.stat().st_mode for path in tmp_path.rglob("*") if not path.is_symlink()}
    told = schedule.refusals({name: variables for name, (variables, _words) in REFUSED.items()})
    assert told.keys() == REFUSED.keys()
    for name, (_variables, words) in REFUSED.items():
        assert words.replace("PLACE", str(tmp_path)) in told[name], name
    assert not schedule.script.exists()
    assert not (tmp_path / "precious").exists()
    assert all(file.exists() for file in files)
    assert {path: path.stat().st_mode for path in modes if path.name != "play.json"} == modes


def test_cron_takes_no_per_cent_sign_for_a_new_line(schedule):
    line = (schedule.place / "cron" / NAME).read_text(encoding="utf-8").splitlines()[-1]
    assert line.endswith(f"; '{schedule.place}/run 50\\% of $it'")


def test_the_log_is_rotated_by_the_owner_of_its_folder(schedule):
    rotation = (schedule.place / "logrotate" / NAME).read_text(encoding="utf-8")
    for line in (f"su {schedule.place.owner()} {schedule.place.group()}", "create", "delaycompress", "maxsize 16M"):
        assert f"\t{line}\n" in rotation


def test_the_role_runs_once_and_goes(schedule):
    """The last test: it removes the schedule."""
    assert schedule.run().returncode == 0
    assert schedule.state.parent.stat().st_mode & 0o777 == 0o700
    assert "changed=0" in schedule.write(schedule_time_limit=600, schedule_silence_limit=3600)
    # No systemd runs here: the role fails once the units are written.
    units = schedule.place / "other"
    units.mkdir()
    done = schedule.role(schedule_method="systemd", schedule_units_folder=str(units), schedule_time_limit=60)
    assert "Start the timer" in done.stdout, done.stdout
    unit = (units / f"{NAME}.service").read_text(encoding="utf-8")
    assert "\nTimeoutStartSec=360\n" in unit
    assert f'\nExecStart="{schedule.place}/run 50%% of $$it"\n' in unit
    shutil.rmtree(units)
    schedule.write(schedule_state="absent")
    left = {str(path.relative_to(schedule.place)) for path in schedule.place.rglob("*") if not path.is_dir()}
    assert left - {"pid", "begun", "end", "precious", "log.1"} == {
        "log",
        "play.json",
        "bin/ansible-playbook",
        "bin/does",
    }
    assert not (schedule.place / "lib").exists()
