"""One direction only: modules|action -> module.py -> clients -> core, inventory -> clients -> core; core is pure."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PLUGINS = ROOT / "plugins"
OURS = "ansible_collections.landfall.replatform."

# Whom each layer may import of ours.
MAY = {
    "core": {"core"},
    "clients": {"clients", "core"},
    "module.py": {"clients", "core"},
    "modules": {"module.py", "clients", "core"},
    "plugin_utils": {"module.py", "clients", "core"},  # what several plugins of the controller share
    "action": {"plugin_utils", "module.py", "clients", "core"},  # an edge as a module is: arguments in, a result out
    "inventory": {"plugin_utils", "clients", "core"},
    "callback": {"core"},
    "doc_fragments": set(),
}

# The standard library without files, clocks, processes, networks and chance.
# fmt: off
PURE = {
    "__future__", "abc", "ast", "base64", "binascii", "bisect", "collections", "configparser", "contextlib", "copy",
    "csv", "dataclasses", "datetime", "difflib", "enum", "fnmatch", "fractions", "functools", "gzip", "hashlib",
    "heapq", "html", "io", "ipaddress", "itertools", "json", "math", "operator", "posixpath", "re", "shlex",
    "statistics", "string", "struct", "tarfile", "textwrap", "types", "typing", "unicodedata", "urllib.parse", "uuid",
    "xml", "zipfile", "zlib",
}
# fmt: on

# Names that would bring a clock, chance or a file in through a module that is otherwise pure.
IMPURE = {
    ("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today"), ("uuid", "uuid1"),
    ("uuid", "uuid4"), ("io", "open"), ("io", "FileIO"), ("gzip", "open"), ("tarfile", "is_tarfile"),
}  # fmt: skip
BUILTINS = {"open", "input", "print", "exec", "eval", "__import__", "breakpoint"}

FILES = sorted(path for path in PLUGINS.rglob("*.py"))


def layer(path: Path) -> str:
    parts = path.relative_to(PLUGINS).parts
    return parts[1] if parts[0] == "module_utils" else parts[0]


def imports(path: Path, tree: ast.AST) -> Iterator[tuple[int, str]]:
    """(line, absolute module) of every import, relative ones resolved."""
    package = list(path.relative_to(ROOT).with_suffix("").parts[:-1])
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*start, *(node.module or "").split(".")]).strip(".")
            prefix = OURS if node.level else ""
            # `from ..core import plan` means core.plan, `from .core.plan import Plan` means core.plan too
            deeper = [f"{base}.{alias.name}" for alias in node.names]
            yield from ((node.lineno, prefix + name) for name in deeper)


def breaches(path: Path, source: str) -> list[str]:
    """What a file must not do, one line each."""
    own, tree = layer(path), ast.parse(source)
    found = []
    for line, name in imports(path, tree):
        if name.startswith(OURS):
            target = layer(ROOT / (name.removeprefix(OURS).replace(".", "/") + ".py"))
            target = "module.py" if target in ("module", "module.py") else target
            if target not in MAY[own]:
                found.append(f"line {line}: {own} imports {target}")
        elif own == "core" and not any(name == pure or name.startswith(f"{pure}.") for pure in PURE):
            found.append(f"line {line}: core imports {name}")
        elif f"{name}.".startswith("ansible.") and (own == "clients" or _of_modules_only(own, name)):
            found.append(f"line {line}: {own} imports {name}")
    for node in ast.walk(tree) if own == "core" else ():
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in BUILTINS:
            found.append(f"line {node.lineno}: core calls {node.func.id}()")
        if (
            isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and (node.value.id, node.attr) in IMPURE
        ):
            found.append(f"line {node.lineno}: core uses {node.value.id}.{node.attr}")
    return found


def _of_modules_only(own: str, name: str) -> bool:
    return name.startswith("ansible.module_utils.basic") and own not in ("module.py", "modules")


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PLUGINS)))
def test_the_direction_of_the_layers(path: Path) -> None:
    assert breaches(path, path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("where", "source", "says"),
    [
        ("module_utils/core/a.py", "import os", "core imports os"),
        ("module_utils/core/a.py", "from time import time", "core imports time.time"),
        ("module_utils/core/a.py", "from urllib.request import urlopen", "core imports urllib.request.urlopen"),
        ("module_utils/core/a.py", "from ..clients import kube", "core imports clients"),
        ("module_utils/core/planner/a.py", "from ...clients.kube import x", "core imports clients"),
        (
            "module_utils/core/a.py",
            "from ansible.module_utils.basic import AnsibleModule",
            "core imports ansible.module_utils",
        ),
        ("module_utils/core/a.py", "import datetime\ndatetime.now()", "core uses datetime.now"),
        ("module_utils/core/a.py", "open('x')", "core calls open()"),
        ("module_utils/clients/a.py", "from ..module import run", "clients imports module.py"),
        ("module_utils/clients/a.py", "from ansible.errors import AnsibleError", "clients imports ansible.errors"),
        ("module_utils/module.py", f"from {OURS}plugins.modules.a import b", "module.py imports modules"),
        ("modules/a.py", f"from {OURS}plugins.action.b import c", "modules imports action"),
        ("inventory/a.py", f"from {OURS}plugins.module_utils.module import run", "inventory imports module.py"),
        (
            "action/a.py",
            "from ansible.module_utils.basic import AnsibleModule",
            "action imports ansible.module_utils.basic",
        ),
    ],
)
def test_a_breach_is_seen(where: str, source: str, says: str) -> None:
    found = breaches(PLUGINS / where, source)
    assert len(found) == 1, found
    assert says in found[0]


@pytest.mark.parametrize(
    ("where", "source"),
    [
        (
            "module_utils/core/planner/a.py",
            "from ..errors import X\nfrom .guests import Y\nfrom urllib.parse import quote",
        ),
        ("module_utils/clients/a.py", "import os\nfrom ..core.plan import Plan\nfrom .rest import Http"),
        ("modules/a.py", f"from {OURS}plugins.module_utils.module import run"),
    ],
)
def test_what_is_right_is_let_through(where: str, source: str) -> None:
    assert breaches(PLUGINS / where, source) == []


def test_no_package_files() -> None:
    assert [path for path in FILES if path.name == "__init__.py"] == []
