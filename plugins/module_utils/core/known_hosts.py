# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""known_hosts with the keys that hosts published through vCenter: the first login is verified like every other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def merge(text: str, hosts: Mapping[str, Sequence[str]]) -> str:
    """`text` with exactly these keys for these names and addresses; every other line stays as it is.

    A host that was made anew has new keys: the old ones of its address go. A host without keys is left alone, since
    no keys were told, which is not to say that it has none. One whose keys stand there already keeps its lines in
    their place, so that two runs that tell of different hosts do not move each other's lines about.
    """
    held = _held(text)
    told = {name: keys for name, keys in hosts.items() if keys and held.get(name) != set(keys)}
    kept = []
    for line in text.splitlines():
        names, blank, rest = line.partition(" ")
        others = [name for name in names.split(",") if name not in told]
        if not blank or line.startswith(("#", "@", "|")):
            kept.append(line)
        elif others:
            kept.append(f"{','.join(others)} {rest}")
    kept += [f"{name} {key}" for name in sorted(told) for key in sorted(told[name])]
    return "".join(f"{line}\n" for line in kept)


def _held(text: str) -> dict[str, set[str]]:
    """Name or address -> the keys that the file has for it."""
    held: dict[str, set[str]] = {}
    for line in text.splitlines():
        names, blank, key = line.partition(" ")
        if blank and not line.startswith(("#", "@", "|")):
            for name in names.split(","):
                held.setdefault(name, set()).add(key)
    return held
