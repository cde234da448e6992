# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A small HTTP proxy: it makes a tunnel for whoever knows its password."""

from __future__ import annotations

import base64
import contextlib
import select
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any


class Proxy:
    """While it is entered, `url` is a proxy; `tunnels` says where it led to."""

    def __init__(self, user: str, password: str) -> None:
        self.tunnels: list[str] = []
        wanted = f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"
        tunnels = self.tunnels

        class Handler(BaseHTTPRequestHandler):
            def do_CONNECT(self) -> None:
                if self.headers.get("Proxy-Authorization") != wanted:
                    self.send_error(407)
                    return
                host, _colon, port = self.path.partition(":")
                tunnels.append(self.path)
                with socket.create_connection((host, int(port))) as there:
                    self.send_response(200)
                    self.end_headers()
                    with contextlib.suppress(OSError):
                        _pass(self.connection, there)
                self.close_connection = True

            def log_message(self, *_words: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever)
        self.address = f"127.0.0.1:{self._server.server_address[1]}"
        self.url = f"http://{user}:{password}@{self.address}"

    def __enter__(self) -> Proxy:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _pass(one: socket.socket, other: socket.socket) -> None:
    """Pass on what either side says, until one of them ends."""
    while True:
        for side in select.select([one, other], [], [])[0]:
            data = side.recv(65536)
            if not data:
                return
            (other if side is one else one).sendall(data)
