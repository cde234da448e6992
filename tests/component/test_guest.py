# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Services on a real guest: stopped for good, and started again; files that come from it."""

from __future__ import annotations

import tarfile
import time
from pathlib import Path

import pytest
from ansible_collections.landfall.replatform.plugins.module_utils.clients.guest import Guest
from ansible_collections.landfall.replatform.plugins.module_utils.clients.guest_units import Service, bring
from ansible_collections.landfall.replatform.plugins.module_utils.core.errors import OperationFailed

from tests.component.guest_fixture import guest

__all__ = ["guest"]

SCRIPT = "/usr/local/or.der/start.sh"
PORT = 8083


def stands(guest: Guest, service: Service, *, running: bool, dry: bool = False) -> tuple[bool, bool]:
    """Whether it had to be changed, and whether it runs afterwards."""
    before, after = bring(guest, service, running=running, patience=15, dry=dry)
    return before.describe() != after.describe(), bool(guest.listeners(service.port or 0))


def wait_until_listening(guest: Guest, port: int) -> None:
    for _attempt in range(100):
        if guest.listeners(port):
            return
        time.sleep(0.1)
    pytest.fail(f"nobody listens on {port}")


def test_a_unit(guest: Guest) -> None:
    guest.must("start it", "systemctl enable --now nginx")
    wait_until_listening(guest, 80)
    nginx = Service("nginx.service", None, "root", 80)
    assert stands(guest, nginx, running=False, dry=True) == (True, True)
    assert stands(guest, nginx, running=False) == (True, False)
    assert guest.run("systemctl is-enabled nginx").text.strip() == "disabled"
    assert stands(guest, nginx, running=False) == (False, False)
    assert stands(guest, nginx, running=True) == (True, True)
    assert guest.run("systemctl is-enabled nginx").text.strip() == "enabled"
    assert stands(guest, nginx, running=True) == (False, True)
    stands(guest, nginx, running=False)


def test_a_unit_that_is_not_there_has_stopped(guest: Guest) -> None:
    assert stands(guest, Service("nothing.service", None, "root", 9), running=False) == (False, False)


CRON = f"# {SCRIPT}, at boot\n@reboot daemon {SCRIPT}\n5 4 * * * root /usr/local/orxder/start.sh\n"


@pytest.fixture
def order(guest: Guest) -> Service:
    """A service that a script starts at boot, by cron."""
    body = f"#!/bin/sh\nnohup redis-server --port {PORT} --save '' > /dev/null 2>&1 &\n"
    guest.must(
        "put it there",
        'mkdir -p "$(dirname "$1")" && printf %s "$2" > "$1" && chmod 755 "$1" && printf %s "$3" > /etc/cron.d/order',
        SCRIPT, body, CRON,
    )  # fmt: skip
    guest.must("start it", f"setsid {SCRIPT} </dev/null >/dev/null 2>&1")
    wait_until_listening(guest, PORT)
    return Service(None, SCRIPT, "daemon", PORT)


def table(guest: Guest) -> str:
    return guest.read("/etc/cron.d/order")["/etc/cron.d/order"].decode()


def test_a_script_of_cron(guest: Guest, order: Service) -> None:
    assert stands(guest, order, running=False, dry=True) == (True, True)
    assert table(guest) == CRON
    assert stands(guest, order, running=False) == (True, False)
    assert table(guest) == CRON.replace("@reboot", "# landfall: @reboot")
    assert stands(guest, order, running=False) == (False, False)
    assert stands(guest, order, running=True) == (True, True)
    assert table(guest) == CRON
    [pid] = guest.listeners(PORT)
    assert guest.must("ask whose it is", f"stat -c %U /proc/{pid}").text.strip() == "daemon"
    assert stands(guest, order, running=True) == (False, True)
    assert stands(guest, order, running=False) == (True, False)


def stop_again_and_again(guest: Guest) -> None:
    """It is back within milliseconds, which one look may fall between."""
    for _attempt in range(20):
        bring(guest, Service(None, None, "root", PORT), running=False, patience=5, dry=False)
        wait_until_listening(guest, PORT)


def test_what_is_started_again_by_something_else_is_told(guest: Guest) -> None:
    loop = f"#!/bin/sh\nwhile :; do redis-server --port {PORT} --save '' >/dev/null 2>&1; done\n"
    guest.must("put a supervisor there", 'printf %s "$1" > /usr/local/loop.sh; chmod 755 /usr/local/loop.sh', loop)
    guest.must("start it", "setsid /usr/local/loop.sh </dev/null >/dev/null 2>&1 &")
    wait_until_listening(guest, PORT)
    try:
        with pytest.raises(OperationFailed, match="started the service again"):
            stop_again_and_again(guest)
    finally:
        guest.must("end it", f"pkill -f loop.sh; kill {' '.join(map(str, guest.listeners(PORT)))} 2>/dev/null; true")


def test_nothing_known_that_starts_it(guest: Guest) -> None:
    with pytest.raises(OperationFailed, match="neither a unit nor a script is known"):
        bring(guest, Service(None, None, "root", 4711), running=True, patience=1, dry=False)


def test_files_come_as_they_are(guest: Guest, tmp_path: Path) -> None:
    guest.must(
        "make them",
        "mkdir -p /srv/www/a; printf '\\0\\r\\n\\377' > /srv/www/a/b; chmod 600 /srv/www/a/b; printf x > /srv/www/c",
    )
    assert guest.read("/srv/www/a/*", "/srv/www/c", "/nowhere/*") == {"/srv/www/a/b": b"\0\r\n\xff", "/srv/www/c": b"x"}
    guest.fetch("/srv/www/a/b", tmp_path / "b")
    assert (tmp_path / "b").read_bytes() == b"\0\r\n\xff"
    guest.fetch_tree("/srv/www", tmp_path / "tree.tar")
    with tarfile.open(tmp_path / "tree.tar") as tree:
        assert {"./a/b", "./c"} <= set(tree.getnames())
    assert guest.run("ls /tmp/landfall.* 2>/dev/null").text == ""
    with pytest.raises(OperationFailed, match="could not read /nowhere"):
        guest.fetch("/nowhere", tmp_path / "x")
