# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the files of a role say: its defaults, argument specs, README, tasks and templates."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import jinja2
import yaml

ROOT = Path(__file__).parents[3]
ROLES = sorted(path.name for path in (ROOT / "roles").iterdir())
MODULE = "picluster.tracing."

# Keys whose values Ansible treats as expressions without braces.
BARE = ("when", "failed_when", "changed_when", "until", "that")


def load(path: Path) -> object:
    """Return the content of a YAML file."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def optional(path: Path) -> dict:
    """Return the map in a YAML file that need not exist."""
    return load(path) if path.exists() else {}


@cache
def defaults(role: str) -> dict:
    """Return defaults/main.yml."""
    return optional(ROOT / "roles" / role / "defaults" / "main.yml")


@cache
def specs(role: str) -> dict[str, dict]:
    """Return the options of meta/argument_specs.yml."""
    return load(ROOT / "roles" / role / "meta" / "argument_specs.yml")["argument_specs"]["main"]["options"]


@cache
def tasks(role: str) -> list[dict]:
    """Return all tasks of a role."""
    return [task for path in sorted((ROOT / "roles" / role / "tasks").glob("*.yml")) for task in load(path)]


def readme(role: str) -> str:
    """Return README.md."""
    return (ROOT / "roles" / role / "README.md").read_text(encoding="utf-8")


def table(role: str) -> dict[str, str]:
    """Return the variables of the README's table, each with its cell of the column Default."""
    found = {}
    for line in readme(role).splitlines():
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if len(cells) == 3 and cells[0].startswith("`"):
            names = re.findall(r"`(\w+)`", cells[0])
            found |= dict(zip(names, shared_out(cells[1].replace("\\|", "|"), len(names)), strict=True))
    return found


def shared_out(cell: str, number: int) -> list[str]:
    """Return what a cell says of each of that many variables: the last word is for all the rest."""
    words = [word.strip() for word in re.findall(r"(?:`[^`]*`|[^`,]+)+", cell)]
    if number == 1 or len(words) > number:
        return [cell] * number
    return words + words[-1:] * (number - len(words))


@cache
def read_names(role: str) -> set[str]:
    """Return the variables that the role reads, in its tasks, templates, variables and defaults."""
    folder = ROOT / "roles" / role
    texts = [text for task in tasks(role) for text in expressions(task)]
    texts += expressions([optional(folder / "vars" / "main.yml"), defaults(role)])
    texts += [path.read_text(encoding="utf-8") for path in sorted((folder / "templates").glob("*.j2"))]
    return {name for text in texts for name in names(text)}


def expressions(value: object, key: str = "") -> list[str]:
    """Return the templates in a task or a map."""
    if isinstance(value, dict):
        return [text for inner, each in value.items() for text in expressions(each, inner)]
    if isinstance(value, list):
        return [text for each in value for text in expressions(each, key)]
    if not isinstance(value, str):
        return []
    return ["{{ " + value + " }}"] if key in BARE else [value]


def names(template: str) -> set[str]:
    """Return the variables that a template reads."""
    found = list(jinja2.Environment(autoescape=True).parse(template).find_all(jinja2.nodes.Name))
    return {node.name for node in found if node.ctx == "load"} - {node.name for node in found if node.ctx != "load"}


def stand_in_collection(top: Path, action: str) -> None:
    """Make the collection below a folder, with this code in place of each action plugin."""
    collection = top / "ansible_collections" / "picluster" / "tracing"
    (collection / "plugins" / "action").mkdir(parents=True)
    (collection / "roles").symlink_to(ROOT / "roles")
    (collection / "plugins" / "modules").symlink_to(ROOT / "plugins" / "modules")
    for path in (ROOT / "plugins" / "action").glob("*.py"):
        (collection / "plugins" / "action" / path.name).write_text(action, encoding="utf-8")
