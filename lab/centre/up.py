# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The verb `up`: the data centre runs, whatever was there before. A second time it changes nothing."""

from __future__ import annotations

import fcntl
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from lab.build.progress import StepFailed, say, timed
from lab.suite import check

from . import machine, podman, program, secrets, server, where

BOOT_SECONDS = 240
NEXUS_SECONDS = 600
SHOP_SECONDS = 400


def up() -> None:
    """Raises StepFailed where something does not come up."""
    begin = time.monotonic()
    with _alone():
        machine.raise_limits()
        machine.need_images()
        if not (where.STATE / "state.json").exists():
            _clear_a_lost_lab()
        before = podman.containers()
        _make_secrets()
        if podman.make_network():
            say(f"network {where.NETWORK}: {where.SUBNET} (cgroup {machine.cgroups()})")
        _vcenter()
        guests = _wait_for_guests(begin)
        running = {name for name, state in before.items() if state == "running"}
        if not {guest["container"] for guest in guests} <= running:
            _wait_for_shop(guests)
        _wait_for_nexus(guests)
    say(f"the lab is up: {len(guests)} hosts in containers, after {time.monotonic() - begin:.1f} s")


def _clear_a_lost_lab() -> None:
    """Without its state nothing of an earlier lab can be used: nobody knows its passwords and its machines."""
    stopped = server.stop()
    if stopped or podman.containers():
        say(f"clearing what a lost lab left: {podman.clear()}")


def _make_secrets() -> None:
    secrets.password(where.PASSWORD)
    for path in where.NEXUS_SECRETS:
        secrets.password(path)
    secrets.ssh_key(where.SSH_KEY, "ops@landfall-lab")
    secrets.certificate(where.AUTHORITY, where.CERTIFICATE, where.KEY, "IP:127.0.0.1,DNS:localhost")
    if not where.MAVEN_CENTRAL.exists():
        where.MAVEN_CENTRAL.write_text(machine.maven_central())


def _vcenter() -> None:
    binary = program.binary()
    pid = server.running()
    if pid and server.outdated(pid, binary):
        say("vCenter: another build runs; it is replaced, and finds its estate and its containers again")
        server.stop()
        pid = None
    if pid is None:
        with timed("vCenter"):
            server.start(binary)


def _wait_for_guests(begin: float) -> list[dict[str, Any]]:
    """Until each VM that is on and has a container answers on SSH: the program reports its tools from then on."""
    known: set[str] = set()
    deadline = time.monotonic() + BOOT_SECONDS
    first = True
    while True:
        machines = [one for one in server.call("GET", "/machines") if one.get("container")]
        on = [one for one in machines if one["power"] == "poweredOn"]
        for one in on:
            if one["ready"] and one["name"] not in known:
                known.add(one["name"])
                if not first:
                    say(f"{one['name']} {one['address']}: answers on SSH, after {time.monotonic() - begin:.1f} s")
        if len(known) == len(on):
            asleep = [one["name"] for one in machines if one["power"] != "poweredOn"]
            if asleep:
                say(f"off, and left off: {', '.join(asleep)}")
            return on
        if time.monotonic() > deadline:
            missing = ", ".join(sorted({one["name"] for one in on} - known))
            raise StepFailed("guests", f"no answer on SSH after {BOOT_SECONDS} s: {missing}", where.LOG)
        first = False
        time.sleep(0.1)


def _wait_for_nexus(guests: list[dict[str, Any]]) -> None:
    """Nexus takes requests long after its guest does. It has written its first password into a file by then."""
    if where.NEXUS not in {guest["name"] for guest in guests}:
        return
    if not _nexus_answers():
        deadline = time.monotonic() + NEXUS_SECONDS
        with timed("Nexus"):
            while not _nexus_answers():
                if time.monotonic() > deadline:
                    raise StepFailed("Nexus", f"no answer at {where.NEXUS_STATUS} after {NEXUS_SECONDS} s")
                time.sleep(1)
    if not where.NEXUS_INITIAL.exists():
        text = podman.run("exec", f"landfall-{where.NEXUS}", "cat", where.NEXUS_PASSWORD_FILE)
        where.NEXUS_INITIAL.touch(mode=0o600)
        where.NEXUS_INITIAL.write_text(text.strip())


def _nexus_answers() -> bool:
    try:
        with urllib.request.urlopen(where.NEXUS_STATUS, timeout=5):
            return True
    except OSError:
        return False


def _wait_for_shop(guests: list[dict[str, Any]]) -> None:
    """The legacy shop works when every one of its guests is on; a shop that has moved is not ours to judge."""
    if any(name not in {guest["name"] for guest in guests} for name in _legacy()):
        return
    with timed("the legacy shop"):
        try:
            seen = check.wait(where.SHOP, SHOP_SECONDS)
        except check.ShopError as problem:
            raise StepFailed("the legacy shop", str(problem)) from problem
    say(f"the shop works at {where.SHOP}/: {seen}")


def _legacy() -> list[str]:
    return [one["name"] for one in server.call("GET", "/machines") if one.get("live")]


@contextmanager
def _alone() -> Iterator[None]:
    where.RUN.mkdir(parents=True, exist_ok=True)
    with (where.RUN / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StepFailed("up", "another `lab up` is at work") from None
        yield
