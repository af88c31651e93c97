"""``/@openapi``: what programs can do here, as OpenAPI 3.1.

Nothing of it is written by hand: operations come from what is registered, pages and blocks from
the declared types, steps and states from the workflows. It is made when it is asked for first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from typing import Any

from pyramid.request import Request
from pyramid.security import NO_PERMISSION_REQUIRED

from bibliopolis.resources.context import FieldContext
from bibliopolis.resources.operations import REGISTRY, Operation, Parameter, operation
from bibliopolis.resources.traversal import Site

from .described import SCHEMAS
from .described_loans import SCHEMAS as OF_LOANS
from .described_questions import SCHEMAS as OF_QUESTIONS
from .page_schemas import page_schemas
from .schemas import OBJECT, SHARED, ref

PROBLEM = "application/problem+json"
STATUSES: Mapping[int, str] = {
    200: "What was asked for",
    201: "It has been made; `Location` says where it is",
    204: "It has been done",
    304: "You have it already",
    400: "The request cannot be understood; `errors` says what to mend",
    401: "Nobody is signed in, or the token is not valid",
    403: "Whoever is signed in may not do this",
    404: "There is nothing at this address",
    406: "It cannot be had in the form asked for",
    409: "The present state does not allow it; `reasons` says why",
    410: "It has been taken away",
    412: "It has been changed since it was read",
    413: "The body is too large",
    415: "The body is of another kind than JSON",
    422: "It can be read but makes no whole; `code` says what is wrong",
    429: "Too many attempts; `Retry-After` says how long to wait",
}
ALWAYS = (400, 404, 406)
"""What every address may answer: an unknown one, and one that cannot be read."""

WITH_TOKEN = (401, 403)
"""A token may have ended, or be for reading only, wherever it is sent."""

WITH_BODY = (413, 415)


@operation(
    "GET",
    "/@openapi",
    "This document",
    context=Site,
    name="@openapi",
    permission=NO_PERMISSION_REQUIRED,
    facts={"answer": OBJECT, "tag": "document"},
)
def show_document(context: Site, request: Request) -> dict[str, Any]:
    """Show the document."""
    return document(request)


def document(request: Request) -> dict[str, Any]:
    """Return the document in the language of the request."""
    operations: list[Operation] = request.registry[REGISTRY]
    paths: dict[str, dict[str, Any]] = {}
    for one in sorted(operations, key=lambda one: (one.path, one.method)):
        item = paths.setdefault(one.path, {"parameters": _in_path(request, one.path)})
        item[one.method.lower()] = _operation(one)
    fields = FieldContext.from_request(request)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Bibliopolis",
            "version": version("bibliopolis"),
            "description": "The libraries of a city for programs, in the shapes of the Plone REST "
            "API. Pages answer at their own addresses to `Accept: application/json`.",
        },
        "servers": [{"url": request.application_url}],
        "security": [{}, {"token": []}],
        "paths": paths,
        "components": {
            "schemas": {**SHARED, **SCHEMAS, **OF_LOANS, **OF_QUESTIONS, **page_schemas(fields)},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(one: Operation) -> dict[str, Any]:
    told: dict[str, Any] = {
        "operationId": _identity(one),
        "summary": one.summary,
        "tags": [one.tag],
        "responses": {str(status): _response(one, status) for status in _statuses(one)},
    }
    parameters = [_parameter(each) for each in one.parameters]
    if one.conditional:
        parameters.append(_header("If-Match", "The `ETag` of the page as it was read"))
    if one.method == "GET":
        parameters.append(_header("If-None-Match", "The `ETag` of the answer that is at hand"))
    if parameters:
        told["parameters"] = parameters
    if one.body is not None:
        told["requestBody"] = {
            "required": bool(_required(one.body)),
            "content": {"application/json": {"schema": one.body}},
        }
    return told


def _required(schema: Any) -> Any:
    return "$ref" in schema or schema.get("required")


def _identity(one: Operation) -> str:
    words = re.findall(r"[a-z]+", one.path.replace("@", " "))
    return "_".join((one.method.lower(), *words))


def _statuses(one: Operation) -> Iterable[int]:
    found = {one.status, *ALWAYS, *WITH_TOKEN, *one.problems}
    if one.method == "GET":
        found.add(304)
    else:
        found |= set(WITH_BODY)
    if one.method == "PATCH" and one.answer is not None:
        found.add(204)
    return sorted(found)


def _response(one: Operation, status: int) -> dict[str, Any]:
    told: dict[str, Any] = {"description": STATUSES[status]}
    if status == one.status and one.answer is not None:
        told["content"] = {one.media_type: {"schema": one.answer}}
    elif status >= 400:
        told["content"] = {PROBLEM: {"schema": ref("Problem")}}
    if status == 201:
        told["headers"] = {"Location": {"schema": {"type": "string"}, "required": True}}
    if status == 429:
        told["headers"] = {"Retry-After": {"schema": {"type": "string"}, "required": True}}
    return told


def _parameter(one: Parameter) -> dict[str, Any]:
    schema: Mapping[str, Any] = one.schema
    if one.many:
        schema = {"type": "array", "items": schema, "maxItems": 20}
    return {"name": one.name, "in": "query", "description": one.description, "schema": schema}


def _header(name: str, description: str) -> dict[str, Any]:
    return {"name": name, "in": "header", "description": description, "schema": {"type": "string"}}


def _in_path(request: Request, path: str) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, **_segment(request, name)}
        for name in re.findall(r"{(\w+)}", path)
    ]


def _segment(request: Request, name: str) -> dict[str, Any]:
    """Return what may stand in a place of an address."""
    types = request.registry["bibliopolis.types"]
    workflows = request.registry["bibliopolis.workflows"]
    text: dict[str, Any] = {"type": "string", "minLength": 1}
    if name == "language":
        return {"schema": {"type": "string", "enum": list(request.settings.all_languages)}}
    if name == "path":
        return {
            "description": "The path of a page in the tree, slashes and all: `news/one-card`; "
            "`home` is the front page",
            "schema": text,
        }
    if name == "type":
        return {"schema": {"type": "string", "enum": [one.name for one in types]}}
    if name == "vocabulary":
        return {"schema": {"type": "string", "enum": sorted(types.vocabularies)}}
    if name == "transition":
        steps = {step for workflow in workflows for step in workflow.transitions}
        return {"schema": {"type": "string", "enum": sorted(steps)}}
    if name == "record":
        return {"schema": {"type": "integer", "minimum": 1, "maximum": 2**31 - 1}}
    return {"schema": text}
