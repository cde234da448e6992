# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A Nexus Repository over its REST interface: reads the whole state once, sends requests one by one."""

from __future__ import annotations

from typing import Any

from ..core.errors import AccessDenied, OperationFailed
from ..core.nexus import Json, Request, State, Wanted
from .rest import Http

_REST = "/service/rest"


class Nexus:
    """One Nexus as one user."""

    def __init__(self, url: str, *, user: str, password: str, ca_path: str | None = None, timeout: float = 60) -> None:
        self.url = url.rstrip("/")
        self._ca_path = ca_path
        self._timeout = timeout
        self._user = user
        self._http = self._login(user, password)

    def _login(self, user: str, password: str) -> Http:
        return Http(self.url, user=user, password=password, ca_path=self._ca_path, timeout=self._timeout)

    def accepts(self, user: str, password: str) -> bool:
        """Whether this user logs in with this password. An answer of 403 means: known, but may not look at users."""
        answer = self._login(user, password).request("GET", f"{_REST}/v1/security/users?userId={user}")
        if answer.status in (200, 403):
            return True
        if answer.status == 401:
            return False
        raise OperationFailed(f"{self.url} answered {answer.status} to a login: {answer.text[:200]}")

    def change_password(self, user: str, password: str) -> None:
        path = f"/v1/security/users/{user}/change-password"
        self.send(Request("PUT", path, password, f"password of {user}", None, {}, content_type="text/plain"))

    def state(self, wanted: Wanted) -> State:
        """What it holds, as far as `wanted` needs to know."""
        users: dict[str, Json] = {}
        held: set[str] = set()
        for deployer in wanted.deployers:
            for user in self._get(f"/v1/security/users?userId={deployer.name}"):
                if user["userId"] == deployer.name:
                    users[deployer.name] = user
                    if self.accepts(deployer.name, deployer.password):
                        held.add(deployer.name)
        roles = {role["id"]: role for role in self._get("/v1/security/roles")} if wanted.deployers else {}
        anonymous = self._get("/v1/security/anonymous")["enabled"] if wanted.anonymous is not None else None
        return State(
            blob_stores=frozenset(store["name"] for store in self._get("/v1/blobstores")),
            repositories={item["name"]: item for item in self._get("/v1/repositorySettings")},
            roles=roles,
            users=users,
            passwords_hold=frozenset(held),
            anonymous=anonymous,
        )

    def send(self, request: Request) -> None:
        answer = self._http.request(
            request.method, _REST + request.path, request.body, content_type=request.content_type
        )
        if answer.status not in (200, 201, 204):
            raise OperationFailed(
                f"Nexus refused {request.subject} ({request.method} {request.path}): "
                f"{answer.status} {answer.text[:400]}"
            )

    def _get(self, path: str) -> Any:
        answer = self._http.request("GET", _REST + path)
        if answer.status in (401, 403):
            raise AccessDenied(
                f"{self.url} refuses {self._user} ({answer.status} for {path}); an administrator's password is needed"
            )
        if answer.status != 200:
            raise OperationFailed(f"{self.url} answered {answer.status} to {path}: {answer.text[:200]}")
        return answer.json()


def connect(
    url: str, *, user: str, password: str, initial_password: str | None, ca_path: str | None, timeout: float
) -> tuple[Nexus, bool]:
    """A Nexus logged in as its administrator, and whether it still has its first password.

    Then the login is by the first one: the caller changes it (or says in check mode that it would).
    """
    nexus = Nexus(url, user=user, password=password, ca_path=ca_path, timeout=timeout)
    if nexus.accepts(user, password):
        return nexus, False
    if initial_password and nexus.accepts(user, initial_password):
        return Nexus(url, user=user, password=initial_password, ca_path=ca_path, timeout=timeout), True
    raise AccessDenied(
        f"{url} refuses the password of '{user}'; give the right one (NEXUS_ADMIN_PASSWORD), or for a fresh Nexus also "
        "the first one out of its admin.password file (NEXUS_INITIAL_PASSWORD)"
    )
