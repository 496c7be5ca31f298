# SPDX-License-Identifier: AGPL-3.0-or-later
"""A load of traces, and the count of those that Tempo took and that it finds; no code of the collection.

All goes through the API server, which reaches the pods behind a Service, whichever these are. What is refused is sent
again. FOLDER holds what has been acknowledged and found; when it has a file "stop" or is gone, the load ends.

Usage: load.py send|stop FOLDER | more FOLDER LEAST [IN-ALL] | find FOLDER SINCE | total FOLDER LEAST | follow
"""

from __future__ import annotations

import secrets
import shutil
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from itertools import count, cycle
from pathlib import Path

import chain
from servers import kubernetes

# Each protocol has a sender; together they send 200 traces a second if they are answered at once.
BATCH, PAUSE = 50, 0.5
SERVICES = "/api/v1/namespaces/tracing/services"
# The Service of microservices, and that of one pod; likewise for queries, from Tempo 2 on.
RECEIVERS = ("tempo-distributor", "tempo")
QUERIES = ("tempo-query-frontend:3200", "tempo:3200")
# A search is for the traces of so many seconds. What so many searches have not shown is asked for by ID, so many at
# a time.
WINDOW, SEARCHES, ASKERS = 20, 5, 8
# One of so many that search shows is asked for by ID, too.
EACH = 200
PATIENCE = 900


def zipkin(traces: list[str], second: int) -> tuple[str, list]:
    """The port and path of Zipkin's protocol, and one span of each trace."""
    form = {"name": "buy", "kind": "SERVER", "timestamp": second * 1_000_000, "duration": 2000}
    form["localEndpoint"] = {"serviceName": "load"}
    return "9411/proxy/api/v2/spans", [{"traceId": trace, "id": trace[:16], **form} for trace in traces]


def otlp(traces: list[str], second: int) -> tuple[str, dict]:
    """The same for OTLP by HTTP, in a form that Tempo 1.5 itself does not know: it takes only those of Zipkin."""
    form = {
        "name": "buy",
        "kind": 2,
        "startTimeUnixNano": f"{second}000000000",
        "endTimeUnixNano": f"{second}002000000",
    }
    spans = [{"traceId": trace, "spanId": trace[:16], **form} for trace in traces]
    service = {"key": "service.name", "value": {"stringValue": "load"}}
    return "4318/proxy/v1/traces", {
        "resourceSpans": [{"resource": {"attributes": [service]}, "scopeSpans": [{"spans": spans}]}]
    }


def refusal(receiver: str, port: str, body: dict | list) -> str:
    """What is said against a batch; nothing when all of it is acknowledged."""
    try:
        status, said = kubernetes(f"{SERVICES}/{receiver}:{port}", "POST", body)
    except (OSError, ValueError, HTTPException) as error:
        return type(error).__name__
    if status in (200, 202) and not (said and said.get("partialSuccess")):
        return ""
    words = (said.get("reason") or said.get("message")) if isinstance(said, dict) else said
    return f"{status} {words}"


def send(folder: Path, form) -> None:
    """Send batch after batch, each until it is acknowledged."""
    receivers = cycle(RECEIVERS)
    receiver, traces, second = next(receivers), [], 0
    while folder.is_dir() and not (folder / "stop").exists():
        if not traces:
            traces, second = [secrets.token_hex(16) for _ in range(BATCH)], int(time.time())
        said = refusal(receiver, *form(traces, second))
        if said:
            note(folder, "refused", [f"{form.__name__}: {said}"])
            receiver = next(receivers)
        else:
            note(folder, "acknowledged", [f"{trace} {second}" for trace in traces])
            traces = []
        time.sleep(PAUSE)


def note(folder: Path, name: str, lines: list[str]) -> None:
    """Append lines in one piece."""
    with (folder / name).open("a", encoding="utf-8") as file:
        file.write("".join(f"{line}\n" for line in lines))


def noted(folder: Path, name: str) -> list[str]:
    """Lines that are complete."""
    file = folder / name
    return file.read_text(encoding="utf-8").rpartition("\n")[0].splitlines() if file.exists() else []


def acknowledged(folder: Path) -> dict[str, int]:
    """Each trace that was, with the second in which it began."""
    return {trace: int(second) for trace, second in map(str.split, noted(folder, "acknowledged"))}


def answering() -> tuple[str, str]:
    """The Service that answers queries, and the version that it tells."""
    for service in QUERIES:
        status, found = kubernetes(f"{SERVICES}/{service}/proxy/api/status/buildinfo")
        if status == 200:
            return service, found["version"]
    raise ValueError("no Service answers queries")


def searched(service: str, start: int) -> set[str]:
    """The traces of one window."""
    path = f"/proxy/api/search?q=%7B%7D&limit=100000&spss=1&start={start}&end={start + WINDOW}"
    status, found = kubernetes(f"{SERVICES}/{service}{path}", timeout=60)
    if status != 200:
        raise ValueError(f"{status} {found}")
    return {trace["traceID"].zfill(32) for trace in found["traces"]}


def asked(traces: list[str]) -> set[str]:
    """Those of the traces that are found by their IDs."""
    service, _version = answering()

    def ask(trace: str) -> bool:
        try:
            status, found = kubernetes(f"{SERVICES}/{service}/proxy/api/traces/{trace}", timeout=60)
        except (OSError, ValueError, HTTPException):
            return False
        return status == 200 and bool(found)

    with ThreadPoolExecutor(ASKERS) as askers:
        return {trace for trace, there in zip(traces, askers.map(ask, traces), strict=True) if there}


def search(missing: dict[str, int]) -> None:
    """Take out what search shows."""
    service, _version = answering()
    for start in sorted({second - second % WINDOW for second in missing.values()}):
        take(missing, searched(service, start))


def take(missing: dict[str, int], found: set[str]) -> None:
    """Take out what is found."""
    for trace in missing.keys() & found:
        del missing[trace]


def find(wanted: dict[str, int]) -> int:
    """Find each of the traces; return how many of them only by ID: search of Tempo 2 does not show what 1 stored."""
    missing, hidden = dict(wanted), 0
    deadline = time.monotonic() + PATIENCE
    for searches in count(1):
        try:
            search(missing)
            if searches >= SEARCHES:
                hidden = hidden or len(missing)
                take(missing, asked(list(missing)))
        except (OSError, ValueError, HTTPException) as error:
            print(f"{type(error).__name__}: {error}", file=sys.stderr)
        if not missing:
            return hidden
        if time.monotonic() > deadline:
            raise SystemExit(
                f"{len(missing)} of {len(wanted)} traces are not found: {dict(list(missing.items())[:10])}"
            )
        time.sleep(3)
    raise AssertionError


def find_all(folder: Path, since: int) -> str:
    """Find all that was acknowledged and that began at a second or later, and each of some by its ID, too."""
    wanted = {trace: second for trace, second in acknowledged(folder).items() if second >= since}
    hidden = find(wanted)
    sample = list(wanted)[::EACH]
    chain.await_that(f"{len(sample)} traces by their IDs", lambda: asked(sample) == set(sample), PATIENCE)
    note(folder, "found", list(wanted))
    return (
        f"Tempo {answering()[1]} finds each of {len(wanted)} traces: {len(wanted) - hidden} by search, of which it was "
        f"asked for {len(sample)} by ID, too, and {hidden} by ID only"
    )


def total(folder: Path, least: int) -> str:
    """What was acknowledged in all, none of it lost; at least so many."""
    sent, found = acknowledged(folder), set(noted(folder, "found"))
    lost, seconds = sent.keys() - found, max(sent.values()) - min(sent.values())
    words = (
        f"{len(sent)} traces acknowledged, {len(sent) / seconds:.0f} a second, {len(lost)} of them lost; "
        f"refused and sent again: {dict(Counter(noted(folder, 'refused')))}"
    )
    if lost or len(sent) < least:
        raise SystemExit(words)
    return words


def more(folder: Path, least: int, in_all: int = 0) -> str:
    """Wait until so many more are acknowledged, and so many in all; return how many are."""
    wanted = max(len(acknowledged(folder)) + least, in_all)
    chain.await_that(f"{wanted} acknowledged traces", lambda: len(acknowledged(folder)) >= wanted, PATIENCE)
    return str(len(acknowledged(folder)))


def follow() -> str:
    """A request through Traefik, whose span is found."""
    trace = chain.await_that("an answer", chain.request)
    chain.await_that(f"the span of trace {trace}", lambda: asked([trace]), PATIENCE)
    return trace


def main(arguments: list[str]) -> None:
    """Do what the first argument says."""
    match arguments:
        case ["send", folder]:
            shutil.rmtree(folder, ignore_errors=True)
            Path(folder).mkdir()
            with ThreadPoolExecutor() as senders:
                list(senders.map(send, cycle([Path(folder)]), (zipkin, otlp)))
        case ["stop", folder]:
            (Path(folder) / "stop").touch()
        case ["more", folder, least, *in_all]:
            print(more(Path(folder), int(least), *map(int, in_all)))
        case ["find", folder, since]:
            print(find_all(Path(folder), int(since)))
        case ["total", folder, least]:
            print(total(Path(folder), int(least)))
        case ["follow"]:
            print(follow())
        case _:
            raise SystemExit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
