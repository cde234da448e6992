# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The two scripts as shells take them, and how their answers are read."""

from __future__ import annotations

import base64
import subprocess
from pathlib import Path

import pytest
from ansible_collections.landfall.replatform.plugins.module_utils.core.discovery import look, questions
from ansible_collections.landfall.replatform.plugins.module_utils.core.discovery_ask import Questions, ask
from ansible_collections.landfall.replatform.plugins.module_utils.core.discovery_other import nginx
from ansible_collections.landfall.replatform.plugins.module_utils.core.discovery_script import (
    LOOK,
    Section,
    is_complete,
    sections,
)

from .guest_answers import Guest, Process


def test_sections_hold_any_content() -> None:
    parts = sections("sudo: a warning\n@file /x y\n|@not a section\n||\n|\n\n@end\n")
    assert parts[0] == Section("file", ("/x", "y"), ("@not a section", "|", ""))
    assert is_complete(parts)
    assert not is_complete(sections("@file /x\n|cut o"))


def test_bytes_by_base64_and_by_od() -> None:
    content = bytes(range(256))
    by_od = [" " + " ".join(f"{byte:02x}" for byte in content[i : i + 16]) for i in range(0, 256, 16)]
    packed = base64.b64encode(content).decode()
    assert Section("tail", (), tuple(by_od)).content == content
    assert Section("tail", (), (packed[:76], packed[76:])).content == content
    assert Section("tail", (), ("=",)).content == b""


def test_nothing_that_a_guest_says_is_run_as_root(tmp_path: Path) -> None:
    """A user of the guest may name a jar or a file as he likes; the second script goes to root's shell."""
    evil = f"/srv/a'; touch {tmp_path}/run; '$(touch {tmp_path}/run)`touch {tmp_path}/run`\n*.yml"
    asked = Questions(files=(evil, evil + "/x"), ranges=((evil, 0, 1),), scripts=(evil,), nginx=(evil,))
    guest = Guest([Process(7, ["java", f"-Dspring.config.name={evil}", "-jar", "x.jar"], program="/usr/bin/java")])
    for questions_of in (asked, questions(look(guest.first()))):
        done = subprocess.run(
            ["sh", "-s", "--", "20"], input=ask(questions_of), capture_output=True, text=True, check=False
        )
        assert is_complete(sections(done.stdout)), done.stderr
    assert list(tmp_path.iterdir()) == []
    own = Process(7, ["nginx"], program="/home/app/nginx", uid=1000)
    assert questions(look(Guest([own]).first())).nginx == (), "a program of his own that he calls nginx"


def test_an_nginx_that_does_not_print_its_files(tmp_path: Path) -> None:
    """Before 1.9.2 there was no -T: its files are followed from the path that it was built with."""
    main = tmp_path / "nginx.conf"
    program = tmp_path / "nginx"
    program.write_text(f"#!/bin/sh\n[ $1 = -V ] && echo '--prefix=/x --conf-path={main} --with-x' >&2\n")
    program.chmod(0o755)
    (tmp_path / "sites").mkdir()
    main.write_text("http {\n  include sites/*.conf;\n  #include no.conf;\n  include /nowhere.conf;\n}")
    for name in ("a", "b"):
        (tmp_path / f"sites/{name}.conf").write_text(f"server {{ listen 80; root /srv/{name}; }}\n")
    script = ask(Questions(nginx=(str(program),)))
    done = subprocess.run(["sh", "-s", "--", "20"], input=script, capture_output=True, text=True, check=False)
    parts = sections(done.stdout)
    assert is_complete(parts), done.stderr
    found = nginx(next(part for part in parts if part.name == "nginx").text)
    assert sorted(found.configuration) == [str(main), *(str(tmp_path / f"sites/{name}.conf") for name in "ab")]
    assert [site["root"] for site in found.sites] == ["/srv/a", "/srv/b"]


@pytest.mark.parametrize("shell", [["sh"], ["bash", "--posix"]])
@pytest.mark.parametrize("script", [LOOK, ask(Questions(files=("/a",), ranges=(("/b", 1, 2),), scripts=("/c",)))])
def test_any_shell_reads_the_scripts(shell: list[str], script: str) -> None:
    done = subprocess.run([*shell, "-n"], input=script, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
