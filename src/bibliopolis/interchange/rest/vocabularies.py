"""``@vocabularies``: what can be chosen in a field, for everybody who writes here."""

from __future__ import annotations

from typing import Any

from pyramid.request import Request

from bibliopolis.parameters import batch, batching
from bibliopolis.resources.access import Permission
from bibliopolis.resources.operations import operation
from bibliopolis.resources.rest import TypesRoom
from bibliopolis.resources.traversal import MountedRoom
from bibliopolis.resources.types import ResourceTypes, Vocabulary

from .schemas import BATCH, TEXT, listing, shape


class VocabulariesRoom(TypesRoom):
    """All the vocabularies; who may know the types may know what they choose from."""

    def __init__(self, parent: Any, request: Request) -> None:
        MountedRoom.__init__(self, parent, request, "@vocabularies")

    def __getitem__(self, name: str) -> Any:
        """Return a vocabulary by name."""
        vocabulary = self.request.find_service(ResourceTypes).vocabularies[name]
        return VocabularyResource(self, self.request, vocabulary)


class VocabularyResource(MountedRoom):
    """One vocabulary."""

    permissions = VocabulariesRoom.permissions

    def __init__(self, parent: VocabulariesRoom, request: Request, vocabulary: Vocabulary) -> None:
        super().__init__(parent, request, vocabulary.name)
        self.vocabulary = vocabulary


@operation(
    "GET",
    "/{language}/@vocabularies",
    "What can be chosen from",
    context=VocabulariesRoom,
    permission=Permission.USE_STAFF_AREA,
    facts={
        "answer": {"type": "array", "items": shape({"@id": TEXT, "title": TEXT})},
        "problems": (401, 403),
        "tag": "types",
    },
)
def list_vocabularies(context: VocabulariesRoom, request: Request) -> list[dict[str, Any]]:
    """List the vocabularies by name."""
    known = request.find_service(ResourceTypes).vocabularies
    return [
        {
            "@id": request.address(context, absolute=True) + f"/{name}",
            "title": request.translate(one.title),
        }
        for name, one in sorted(known.items())
    ]


@operation(
    "GET",
    "/{language}/@vocabularies/{vocabulary}",
    "The terms of a vocabulary",
    context=VocabularyResource,
    permission=Permission.USE_STAFF_AREA,
    facts={
        "answer": listing(shape({"token": TEXT, "title": TEXT})),
        "parameters": BATCH,
        "problems": (401, 403),
        "tag": "types",
    },
)
def show_vocabulary(context: VocabularyResource, request: Request) -> dict[str, Any]:
    """List the terms in their order."""
    terms = context.vocabulary.terms(request.find_service)
    asked, size = batch(request.GET)
    start = asked or 0
    address = request.address(context, absolute=True)
    return {
        "@id": address,
        "items": [
            {"token": one.value, "title": request.translate(one.title)}
            for one in terms[start : start + size]
        ],
        "items_total": len(terms),
        **batching(address, len(terms), start, size),
    }


def includeme(config: Any) -> None:
    """Mount ``@vocabularies`` below every language."""
    config.add_mount("@vocabularies", VocabulariesRoom)
