"""The pairs of request and answer in docs/rest.md are what the site does."""

import json
import re

import pytest
from fixtures.sites import SITE

PAIR = re.compile(r"```http\n(.*?)\n```\n```http\n(.*?)\n```", re.S)
ANYTHING = "…"


@pytest.fixture
def city(publish, make_person):
    root = publish.chief.tree.root()
    section = publish(root, "section", "news", language="en", title="News")
    publish(section, "news", "first", language="en", title="The first")
    make_person("anna", editor="", reviewer="")


def pairs():
    text = (SITE / "docs" / "rest.md").read_text(encoding="utf-8")
    return [(parted(request), parted(answer)) for request, answer in PAIR.findall(text)]


def parted(block):
    """Return the first line, the headers and the JSON of a request or an answer."""
    head, _blank, body = block.partition("\n\n")
    first, *lines = head.split("\n")
    headers = dict(line.split(": ", 1) for line in lines)
    return first, headers, json.loads(body) if body else None


def fits(shown, real):
    """Say whether what stands in the document is what was answered."""
    if shown == ANYTHING:
        return True
    if isinstance(shown, dict):
        keys = set(shown) - {ANYTHING}
        exact = ANYTHING not in shown
        return (
            isinstance(real, dict)
            and keys <= set(real)
            and (not exact or keys == set(real))
            and all(fits(shown[key], real[key]) for key in keys)
        )
    if isinstance(shown, list):
        return len(shown) == len(real) and all(map(fits, shown, real))
    return shown == real


def test_the_document_says_what_happens(city, web):
    token = ""
    assert len(pairs()) >= 10
    for (line, headers, body), (status, told, shown) in pairs():
        method, address = line.split(" ")
        sent = {name: value.replace("$token", token) for name, value in headers.items()}
        payload = json.dumps(body) if body is not None else ""

        answer = web.request(
            address,
            method=method,
            headers={"Accept": "application/json", **sent},
            body=payload.encode(),
            expect_errors=True,
        )

        assert answer.status_int == int(status), f"{line}: {answer.text}"
        for name, value in told.items():
            assert value in (ANYTHING, answer.headers.get(name)), f"{line}: {name}"
        assert fits(shown, answer.json), f"{line}: {json.dumps(answer.json, indent=1)}"
        token = answer.json.get("token", token)
