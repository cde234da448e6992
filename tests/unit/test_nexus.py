"""What is left to ask of a Nexus, given what it holds."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.landfall.replatform.plugins.module_utils.core.errors import ConflictError, DocumentError
from ansible_collections.landfall.replatform.plugins.module_utils.core.nexus import Deployer, State, Wanted, changes

Json = dict[str, Any]


def repository(name: str, kind: str = "hosted", **more: Any) -> Json:
    return {"name": name, "format": "maven2", "type": kind, "version_policy": "release", "online": True, **more}


def held(name: str, kind: str = "hosted", **more: Any) -> Json:
    """As GET /v1/repositorySettings tells it."""
    body: Json = {"name": name, "format": "maven2", "type": kind, "url": "http://n/repository/" + name, "online": True}
    body["storage"] = {"blobStoreName": "default", "strictContentTypeValidation": True, "writePolicy": "ALLOW_ONCE"}
    body["maven"] = {"versionPolicy": "RELEASE", "layoutPolicy": "STRICT"}
    return body | more


def state(*repositories: Json, **more: Any) -> State:
    known = {item["name"]: item for item in repositories}
    return State(**({"blob_stores": frozenset({"default"}), "repositories": known, "roles": {}, "users": {}} | more))


def wanted(*repositories: Json, **more: Any) -> Wanted:
    return Wanted(**({"blob_stores": (), "repositories": repositories} | more))


@pytest.mark.parametrize(
    ("wish", "found", "requests"),
    [
        (wanted(repository("r")), state(), [("POST", "/v1/repositories/maven/hosted")]),
        (wanted(repository("r")), state(held("r")), []),
        (wanted(repository("r", write_policy="allow")), state(held("r")), [("PUT", "/v1/repositories/maven/hosted/r")]),
        (
            wanted(repository("g", "group", members=["r"]), repository("r")),
            state(),
            [("POST", "/v1/repositories/maven/hosted"), ("POST", "/v1/repositories/maven/group")],
        ),
        (wanted(blob_stores=("default", "mall")), state(), [("POST", "/v1/blobstores/file")]),
        (wanted(anonymous=False), state(anonymous=True), [("PUT", "/v1/security/anonymous")]),
        (wanted(anonymous=True), state(anonymous=True), []),
        (
            wanted(repository("r"), deployers=(Deployer("ci", "s3cret", ()),)),
            state(held("r")),
            [("POST", "/v1/security/roles"), ("POST", "/v1/security/users")],
        ),
    ],
)
def test_only_what_is_missing_is_asked(wish: Wanted, found: State, requests: list[tuple[str, str]]) -> None:
    assert [(request.method, request.path) for request in changes(wish, found)] == requests


def test_a_put_carries_over_what_nobody_asked_to_change() -> None:
    current = held("r", cleanup={"policyNames": ["weekly"]}, routingRuleName="inhouse")
    (request,) = changes(wanted(repository("r", online=False)), state(current))
    assert request.body["cleanup"] == {"policyNames": ["weekly"]}
    assert request.body["routingRule"] == "inhouse"
    assert request.body["online"] is False
    assert not {"routingRuleName", "url", "format", "type"} & request.body.keys()


def test_what_nexus_cannot_change_is_refused_all_at_once() -> None:
    wish = repository("r", "proxy", remote="http://x/", blob_store="fast")
    with pytest.raises(ConflictError) as refused:
        changes(wanted(wish), state(held("r")))
    assert [problem.path.rpartition(".")[2] for problem in refused.value.problems] == ["type", "blob_store"]


def test_a_change_that_would_lose_the_remotes_password_is_refused() -> None:
    login = {"authentication": {"type": "username", "username": "u"}}
    current = held("p", "proxy", proxy={"remoteUrl": "http://old/"}, httpClient=login)
    current["storage"] = {"blobStoreName": "default"}
    with pytest.raises(ConflictError, match="proxy"):
        changes(wanted(repository("p", "proxy", remote="http://new/")), state(current))


def test_every_problem_of_the_document_is_told() -> None:
    wish = wanted(
        repository("a"), repository("a"), repository("p", "proxy"), repository("g", "group", members=["g", "nobody"])
    )
    with pytest.raises(DocumentError) as refused:
        changes(wish, state())
    assert len(refused.value.problems) == 4


def test_a_password_that_no_longer_holds_is_set_and_never_shown() -> None:
    deployer = Deployer("ci", "s3cret", ())
    role = {"id": "ci-deploy", "name": "ci-deploy", "roles": [], "privileges": []}
    user = {"userId": "ci", "status": "active", "roles": ["ci-deploy"]}
    found = state(roles={"ci-deploy": role}, users={"ci": user})
    requests = changes(wanted(deployers=(deployer,)), found)
    assert [request.path for request in requests][-1] == "/v1/security/users/ci/change-password"
    assert "s3cret" not in repr(requests)
