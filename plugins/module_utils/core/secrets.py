# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is a secret, told by its key, and text without it.

Rather one too many: a value that is masked here by mistake is read again from the guest when the service moves, like
every secret. One that is missed would stand in a file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from .workloads import SECRET

_INSIDE = ("password", "passwd", "passphrase", "secret", "token", "credential", "privatekey", "masterauth")
_AT_THE_END = ("key", "pass", "pwd", "keys")
# What talks about a secret without being one: spring.datasource.password-file, jwt.token-validity.
_ABOUT = (
    "file", "path", "location", "url", "uri", "name", "type", "header", "prefix", "enabled", "timeout", "validity",
    "expiration", "expires", "ttl", "seconds", "minutes", "policy", "length", "class", "algorithm", "encoder",
)  # fmt: skip
_PASSES_ON = re.compile(r"(proxy|fastcgi|uwsgi|scgi|grpc|memcached|js)_pass")  # nginx hands requests on with these
_WHOLE = ("secret", "secrets", "credentials", "passwords")
_KEY = re.compile(r"([\w.-]*\w)\s*[=:]\s*")
_VALUE = re.compile(r"\$\{[^}]*\}|\"[^\"]*\"|'[^']*'|[^\s,;&}\"']+")
_IN_URL = re.compile(r"(?<=://)([^\s:/@]*):([^\s@/]+)@")
_ELEMENT = re.compile(r"(<([\w:.-]+)[^<>]*>)([^<>]+)(?=</\2>)")
_HEADER = re.compile(r"\b(Basic|Bearer)\s+[A-Za-z0-9+/=._~-]{8,}")
_PLACEHOLDER = re.compile(r"\$\{([^:{}]+)(:[^{}]*)?\}")


def is_secret_key(key: str) -> bool:
    """Whether a value is secret because of its key: its last part tells, or a parent called `secrets`."""
    parts = [part for part in re.split(r"[.\[\]/]", key) if part and not part.isdigit()]
    if not parts:
        return False
    if any(_plain(part) in _WHOLE for part in parts[:-1]):
        return True
    last = _plain(parts[-1])
    if any(last.endswith(word) for word in _ABOUT) or _PASSES_ON.fullmatch(parts[-1]):
        return False
    return any(word in last for word in _INSIDE) or last.endswith(_AT_THE_END)


def masked(key: str, value: str) -> str:
    """`value` as it may be told. A reference to another setting stays, the default that it carries does not."""
    if not is_secret_key(key):
        return masked_text(value)
    bare = value.strip().strip("\"'")
    if not bare or bare.lower() in ("true", "false", "null", "~") or _is_path(key, bare):
        return value
    if _PLACEHOLDER.fullmatch(bare):
        return _PLACEHOLDER.sub(
            lambda found: f"${{{found[1]}:{SECRET}}}" if len(found[2] or "") > 1 else found[0], value
        )
    return SECRET


def masked_text(text: str) -> str:
    """`text` without its secrets: key=value, <key>value</key>, user:password@host, what is behind Basic and Bearer."""
    parts, end = [], 0
    for match in _KEY.finditer(text):
        value = _VALUE.match(text, match.end())
        if match.start() >= end and value and is_secret_key(match[1].lstrip("-")) and SECRET not in value[0]:
            parts += [text[end : match.end()], masked(match[1].lstrip("-"), value[0])]
            end = value.end()
    text = "".join([*parts, text[end:]])
    text = _ELEMENT.sub(
        lambda match: match[1] + masked(match[2], match[3]) if is_secret_key(match[2]) else match[0], text
    )
    text = _IN_URL.sub(lambda match: f"{match[1]}:{SECRET}@", text)
    return _HEADER.sub(lambda match: f"{match[1]} {SECRET}", text)


def masked_arguments(arguments: Sequence[str]) -> list[str]:
    """A command line: `--password=x`, `-Dpassword=x`, and `--password x`."""
    result = []
    hide = False
    for argument in arguments:
        if hide and not argument.startswith("-"):
            result.append(SECRET)
        else:
            key, separator, value = argument.partition("=")
            name = re.sub(r"^(-D|-+)", "", key)
            result.append(f"{key}={masked(name, value)}" if separator else masked_text(argument))
        hide = argument.startswith("--") and "=" not in argument and is_secret_key(argument.lstrip("-"))
    return result


def masked_environment(environment: Mapping[str, str]) -> dict[str, str]:
    return {key: masked(key, environment[key]) for key in sorted(environment)}


def _plain(part: str) -> str:
    return re.sub(r"[^a-z0-9]", "", part.lower())


def _is_path(key: str, value: str) -> bool:
    """`ssl_certificate_key /etc/ssl/x.key` names a file; a password may begin with a slash all the same."""
    return _plain(key).endswith(("key", "keys")) and value.startswith(("/", "file:", "classpath:"))
