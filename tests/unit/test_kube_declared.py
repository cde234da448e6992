# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Objects held against the server's declarations; the real ones are in the component tests."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.landfall.replatform.plugins.module_utils.core.declared import Declarations, of_definition
from ansible_collections.landfall.replatform.plugins.module_utils.core.objects import Identity, Manifest

Body = dict[str, Any]

QUANTITY = {"oneOf": [{"type": "string"}, {"type": "number"}]}
DOCUMENT = {
    "components": {
        "schemas": {
            "dev.Thing": {
                "type": "object",
                "properties": {
                    "spec": {"allOf": [{"$ref": "#/components/schemas/dev.Spec"}], "default": {}},
                    "metadata": {"type": "object"},
                },
                "x-kubernetes-group-version-kind": [{"group": "g.dev", "version": "v1", "kind": "Thing"}],
            },
            "dev.Spec": {
                "type": "object",
                "properties": {
                    "size": {"type": "integer"},
                    "on": {"type": "boolean"},
                    "text": {"type": "string"},
                    "much": QUANTITY,
                    "anything": {},
                    "labels": {"type": "object", "additionalProperties": {"type": "string"}},
                    "open": {
                        "type": "object",
                        "properties": {"a": {"type": "string"}},
                        "x-kubernetes-preserve-unknown-fields": True,
                    },
                    "ports": {
                        "type": "array",
                        "items": {"$ref": "#/components/schemas/dev.Port"},
                        "x-kubernetes-list-type": "map",
                        "x-kubernetes-list-map-keys": ["port", "protocol"],
                    },
                    "again": {"$ref": "#/components/schemas/dev.Spec"},
                    "lost": {"$ref": "#/components/schemas/dev.Nowhere"},
                },
            },
            "dev.Port": {
                "type": "object",
                "properties": {"port": {"type": "integer"}, "protocol": {"type": "string", "default": "TCP"}},
            },
        }
    }
}


def told(spec: Any, document: Body = DOCUMENT, **more: Any) -> list[str]:
    body = {"metadata": {"name": "x", "odd": 1}, "spec": spec, **more}
    manifest = Manifest(Identity("g.dev", "Thing", "", "x"), "g.dev/v1", body, "[0]")
    return [str(one) for one in Declarations(document).problems(manifest)]


@pytest.mark.parametrize(
    "spec",
    [
        {},
        None,
        {"size": 3, "on": False, "text": "", "much": "1Gi", "anything": [{"x": 1}], "labels": {"a/b": "c"}},
        {"size": 3.0, "much": 1.5, "text": None, "open": {"a": "x", "b": {"c": 1}}, "lost": {"x": 1}},
        {"ports": [{"port": 53}, {"port": 53, "protocol": "UDP"}], "again": {"again": {"size": 1}}},
    ],
)
def test_what_may_be_right_is_no_problem(spec: Any) -> None:
    assert told(spec) == []


@pytest.mark.parametrize(
    ("spec", "problem"),
    [
        ({"sise": 3}, "[0].spec.sise: is no field that is known there; did you mean size?"),
        ({"zzz": 3}, "[0].spec.zzz: is no field that is known there; a field that it has"),
        ({"size": "3"}, "[0].spec.size: is text; a number"),
        ({"size": True}, "[0].spec.size: is true or false; a number"),
        ({"on": "yes"}, "[0].spec.on: is text; true or false"),
        ({"on": 1}, "[0].spec.on: is a number; true or false"),
        ({"text": 1.5}, "[0].spec.text: is a number; text"),
        ({"labels": {"a": 1}}, "[0].spec.labels.a: is a number; text"),
        ({"labels": []}, "[0].spec.labels: is a list; a mapping"),
        ({"open": {"a": 1, "b": 1}}, "[0].spec.open.a: is a number; text"),
        ({"ports": {}}, "[0].spec.ports: is a mapping; a list"),
        ({"ports": [{"port": "http"}]}, "[0].spec.ports[0].port: is text; a number"),
        ({"again": {"again": {"sise": 1}}}, "[0].spec.again.again.sise: is no field that is known there; "),
        (
            {"ports": [{"port": 53}, {"port": 53, "protocol": "TCP"}]},
            "[0].spec.ports[1]: has the same port and protocol as another; each once",
        ),
        ("text", "[0].spec: is text; a mapping"),
    ],
)
def test_what_cannot_be_right_is_told_with_its_place(spec: Any, problem: str) -> None:
    [found] = told(spec)
    assert found.startswith(problem)


def test_a_kind_that_is_not_declared_is_left_to_the_server() -> None:
    assert told({"sise": 3}, {}) == []
    assert told({"sise": 3}, {"components": {"schemas": {}}}) == []


def test_a_definition_declares_its_kinds() -> None:
    spec = {"type": "object", "properties": {"size": {"type": "integer"}}}
    versions = [
        {"name": "v0", "served": True},
        {
            "name": "v1",
            "served": True,
            "schema": {"openAPIV3Schema": {"type": "object", "properties": {"spec": spec}}},
        },
    ]
    body = {"spec": {"group": "g.dev", "names": {"kind": "Thing"}, "versions": versions}}
    whole = {"apiVersion": "g.dev/v1", "kind": "Thing", "metadata": {"name": "x", "labels": {}}}
    manifest = Manifest(Identity("g.dev", "Thing", "", "x"), "g.dev/v1", {**whole, "spec": {"sise": 1}}, "[0]")
    [problem] = of_definition(body, "g.dev/v1").problems(manifest)
    assert problem.path == "[0].spec.sise"
    assert of_definition(body, "g.dev/v0").problems(manifest) == [], "it declares nothing"
