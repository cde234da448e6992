# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where a vCenter is, and why its certificate is trusted: the site's CA, a pinned thumbprint, or the system."""

from __future__ import annotations

import hashlib
import http.client
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..core.errors import ConnectionFailed, DocumentError

_ALGORITHMS = {40: "sha1", 64: "sha256", 128: "sha512"}  # by the length of the digest in hexadecimal


class PinnedConnection(http.client.HTTPSConnection):
    """HTTPS that checks the thumbprint of every connection before a byte is sent.

    pyVmomi's own pinning asks for the thumbprint only after the ordinary check has failed, and switches that check off
    for all connections that follow.
    """

    def __init__(self, *args: Any, thumbprint: str | None = None, **more: Any) -> None:
        super().__init__(*args, **more)
        self._thumbprint = thumbprint

    def connect(self) -> None:
        super().connect()
        if self._thumbprint is None:
            return
        certificate = self.sock.getpeercert(binary_form=True) or b""
        found = hashlib.new(_ALGORITHMS[len(self._thumbprint)], certificate).hexdigest()
        if found != self._thumbprint:
            self.close()
            raise ConnectionFailed(
                f"vCenter {self.host}:{self.port} shows a certificate with the thumbprint {_colons(found)}; "
                f"thumbprint pins {_colons(self._thumbprint)}"
            )


@dataclass(frozen=True)
class Endpoint:
    """A vCenter and the user who asks."""

    hostname: str
    port: int
    username: str
    password: str = field(repr=False)
    ca_path: str | None
    thumbprint: str | None
    timeout: int

    @classmethod
    def of(cls, parameters: Mapping[str, Any]) -> Endpoint:
        """The endpoint that a module's parameters name."""
        values = {name: parameters[name] for name in cls.__dataclass_fields__}
        if values["thumbprint"]:
            pin = values["thumbprint"].replace(":", "").lower()
            if len(pin) not in _ALGORITHMS or not set(pin) <= set("0123456789abcdef"):
                raise DocumentError(
                    f"thumbprint {values['thumbprint']!r} is none; it should be the SHA-256 of the certificate (64 "
                    "hexadecimal digits, colons as you like; SHA-1 and SHA-512 work too)"
                )
            values["thumbprint"] = pin
        return cls(**values)

    def __str__(self) -> str:
        return f"vCenter {self.hostname}:{self.port}"

    def arguments(self) -> dict[str, Any]:
        """What a PinnedConnection needs besides host and port."""
        return {"context": self._context(), "timeout": self.timeout, "thumbprint": self.thumbprint or None}

    def _context(self) -> ssl.SSLContext:
        try:
            context = ssl.create_default_context(cafile=self.ca_path)
        except (OSError, ssl.SSLError) as error:
            raise ConnectionFailed(
                f"ca_path {self.ca_path}: {error}; it should be a PEM file of CA certificates"
            ) from error
        if self.thumbprint:  # the pin says more than a chain
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context


def _colons(digest: str) -> str:
    return ":".join(digest[i : i + 2] for i in range(0, len(digest), 2)).upper()
