# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A bad road to a real API server: passes requests on, but answers some of them itself, or drops them."""

from __future__ import annotations

import random
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

from ansible_collections.landfall.replatform.plugins.module_utils.clients.kube_access import open_access


class Faults:
    """While it is entered, `url` leads to the server of a kubeconfig; one request in `every` meets a fault."""

    def __init__(self, kubeconfig: str, *, every: int, seed: int) -> None:
        self.met: list[str] = []
        access, chance, lock, met = open_access(kubeconfig=kubeconfig), random.Random(seed), threading.Lock(), self.met

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _pass(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                with lock:
                    fault = (
                        chance.choice(["429", "503", "reset before", "reset after"])
                        if not chance.randrange(every)
                        else ""
                    )
                if fault:
                    met.append(fault)
                if fault.isdigit():
                    self._answer(int(fault), b'{"kind": "Status", "message": "busy"}', {"Retry-After": "0"})
                    return
                if fault != "reset before":
                    kept = {name: self.headers[name] for name in ("Accept", "Content-Type") if name in self.headers}
                    answer = access.pool.request(self.command, access.server + self.path, body=body, headers=kept)
                    if not fault:
                        self._answer(answer.status, answer.data, {"Content-Type": answer.headers["Content-Type"]})
                        return
                self.close_connection = True  # the server may have done it; nobody was told
                self.connection.close()

            do_GET = do_PATCH = do_DELETE = do_POST = _pass

            def _answer(self, status: int, body: bytes, headers: dict[str, Any]) -> None:
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def finish(self) -> None:
                if not self.wfile.closed and not self.close_connection:
                    super().finish()

            def log_message(self, *_words: Any) -> None:
                """Say nothing."""

        self._access = access
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.handle_error = lambda *_request: None  # type: ignore[method-assign]
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Faults:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._access.close()
