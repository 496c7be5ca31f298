# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to the collection: it may change in any release.
"""The action plugin behind every module of the collection: it sends the request to the program and returns the result.

A task is one command on the managed host. It runs the program from a cache that is keyed by content; only if the
program is missing there it is sent, once. See docs of the variables picluster_tracing_* in the README.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from contextlib import contextmanager

from ansible.errors import AnsibleActionFail
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.picluster.tracing.plugins.plugin_utils import (
    answer,
    arguments,
    programs,
    remote,
    request,
    wording,
)

try:
    from ansible.module_utils.secrets import register_secrets  # ansible-core 2.22 and newer
except ImportError:

    def register_secrets(_values):
        """Older versions have no such API; there the program masks its own output."""


display = Display()


class Transport(ActionBase):
    """Runs the module with the subclass's file name."""

    TRANSFERS_FILES = False
    _supports_check_mode = True  # the program stops after planning when the request says so
    _supports_async = True

    def __init_subclass__(cls, **more):
        """Read the module's options in the parent of the tasks' processes, so that each of those need not."""
        super().__init_subclass__(**more)
        package, _dot, name = cls.__module__.rpartition(".")
        if package == f"ansible_collections.{request.COLLECTION}.plugins.action":
            request.options(name)

    @classmethod
    def finalize_task_arg(cls, name, value, templar, context=None):
        """Return an argument's value; only ansible-core 2.19 and newer asks for it."""
        return arguments.finalized(value, templar)

    def run(self, tmp=None, task_vars=None):
        """Return the program's result."""
        result = super().run(tmp, task_vars)
        self._variables = self._host_variables(task_vars or {})
        self._programs = programs.shipped()
        self._secrets = request.secrets(self._module, self._task.args)
        register_secrets(self._secrets)
        if self._task.async_val or not remote.takes_input(self._connection):
            with self._environment_for_this_run():
                result.update(self._run_as_binary_module(task_vars))
        else:
            result.update(self._run_cached(task_vars))
        return wording.of_role(result, self._task._role, self._task.name)

    @contextmanager
    def _environment_for_this_run(self) -> Iterator[None]:
        """Leave no environment in an asynchronous task.

        ansible-core asks for its state with the same task's environment, on command lines (executor/task_executor.py,
        _poll_async_result). A retried task (until) gets it back.
        """
        self._environment = self._task.environment = getattr(self, "_environment", self._task.environment)
        yield
        if self._task.async_val:
            self._task.environment = []

    @property
    def _module(self) -> str:
        # Not the module of type(self): Mitogen makes its own class of it.
        return self._task.action.rpartition(".")[2]

    def _update_module_args(self, module_name, module_args, task_vars, **more):
        # Otherwise short names and the fallback's file name would reach the program.
        name = f"{request.COLLECTION}.{self._module}"
        super()._update_module_args(name, module_args, task_vars, **more)

    def _host_variables(self, task_vars: dict) -> dict:
        delegated = task_vars.get("ansible_delegated_vars") or {}
        return delegated.get(self._task.delegate_to, task_vars)

    def _variable(self, name: str, default: object) -> object:
        value = self._templar.template(self._variables.get(name))
        return default if value is None else value

    def _run_cached(self, task_vars: dict) -> dict:
        arguments = dict(self._task.args)
        self._update_module_args(self._module, arguments, task_vars)
        environment: dict = {}
        self._compute_environment_string(environment)
        command, data = remote.run(
            self._programs,
            folder=self._cache_folder(),
            verify=boolean(self._variable("picluster_tracing_verify", False)),
            settings=request.settings(environment),
            request=request.encode(arguments),
        )
        reply = self._execute(command, data)
        word, detail = answer.script_answer(reply)
        if word == "need":
            self._install(detail)
            reply = self._execute(command, data)
            word, detail = answer.script_answer(reply)
        if word:
            raise AnsibleActionFail(self._hindrance(word, detail))
        for line in answer.progress(reply):
            display.v(line, host=self._play_context.remote_addr)
        return answer.result(reply, f"{request.COLLECTION}.{self._module}", self._secrets)

    def _cache_folder(self) -> str:
        folder = str(self._variable("picluster_tracing_cache", ""))
        if folder and not folder.startswith("/"):
            raise AnsibleActionFail(f"read picluster_tracing_cache: {folder!r} is not an absolute path")
        return folder

    def _install(self, detail: str) -> None:
        sha256, form, folder = detail.split(" ", 2)
        program = next(program for program in self._programs if program.sha256 == sha256)
        display.v(f"sending the {program.architecture} program to {folder}", host=self._play_context.remote_addr)
        if form == "gzip" and remote.is_far(self._connection):
            content = programs.compressed(program)
        else:
            form, content = "plain", programs.unpacked(program).read_bytes()
        reply = self._execute(remote.install(program, folder, form), content)
        word, detail = answer.script_answer(reply)
        if word != "installed":
            reason = detail or answer.masked(reply["stderr"], self._secrets)
            raise AnsibleActionFail(f"put the program into {folder} on the managed host: {reason}. {_OTHER_FOLDER}")

    def _execute(self, command: str, data: bytes) -> dict:
        with remote.input_open(self._connection):
            return self._low_level_execute_command(command, in_data=data)

    def _compute_environment_string(self, raw_environment_out=None):
        """Return the prefix of a binary module's command: shell words that read the task's environment.

        ansible-core writes the values themselves there, where every user of the managed host sees them in the process
        list, and -vvv shows them.
        """
        if raw_environment_out is not None:
            return super()._compute_environment_string(raw_environment_out)
        environment: dict = {}
        super()._compute_environment_string(environment)
        if not environment:
            return ""
        folder = self._connection._shell.tmpdir
        path = self._connection._shell.join_path(folder, "environment")
        self._write(path, request.settings(environment))
        self._fixup_perms2([folder, path], self._get_remote_user(), execute=False)
        return f". {shlex.quote(path)} &&"

    def _write(self, path: str, text: str) -> None:
        """Write a file to the task's temporary folder, which belongs to the login user."""
        if not self._connection.has_pipelining:
            self._transfer_data(path, text)
            return
        command = f"umask 077 && cat >{shlex.quote(path)}"
        with remote.input_open(self._connection):
            reply = self._low_level_execute_command(
                command, sudoable=False, in_data=text.encode("utf-8", "surrogateescape")
            )
        if reply["rc"] != 0:
            raise AnsibleActionFail(
                f"write the task's environment to {path} on the managed host: {reply['stderr'].strip()}"
            )

    def _run_as_binary_module(self, task_vars: dict) -> dict:
        program = programs.unpacked(self._program_for_host())
        self._shared_loader_obj.module_loader.add_directory(str(program.parent))
        return self._execute_module(
            module_name=program.name,
            module_args=request.plain(self._task.args),
            task_vars=task_vars,
            wrap_async=bool(self._task.async_val),
        )

    def _program_for_host(self) -> programs.Program:
        machine = self._low_level_execute_command("uname -sm", sudoable=False)["stdout"].strip()
        for program in self._programs:
            if machine in program.machines:
                return program
        raise AnsibleActionFail(self._hindrance("unsupported", machine))

    def _hindrance(self, word: str, detail: str) -> str:
        if word == "unsupported":
            return (
                f"choose the program for the managed host: there is none for {detail!r}, "
                f"only for Linux on {', '.join(program.architecture for program in self._programs)}"
            )
        if word == "blocked":
            return (
                f"run the program from {detail} on the managed host: permission denied, "
                f"the folder may be on a file system mounted noexec. {_OTHER_FOLDER}"
            )
        return f"run the program on the managed host: the cache does not keep it ({detail}). {_OTHER_FOLDER}"


_OTHER_FOLDER = "The variable picluster_tracing_cache names another folder for it"
