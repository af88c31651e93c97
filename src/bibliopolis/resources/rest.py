"""``@types``: the types of the site and their JSON Schemas, as clients made for Plone ask."""

from __future__ import annotations

from typing import Any

from pyramid.config import Configurator
from pyramid.request import Request
from pyramid.view import view_config

from .access import STAFF_ROLES, Permission, permission_map
from .context import FieldContext
from .json import type_schema
from .traversal import MountedRoom
from .types import ResourceType, ResourceTypes


class TypesRoom(MountedRoom):
    """All the types, for everybody who writes here, wherever they may."""

    permissions = permission_map(use_staff_area=STAFF_ROLES)

    def __init__(self, parent: Any, request: Request) -> None:
        super().__init__(parent, request, "@types")

    @property
    def scopes(self) -> frozenset[str]:
        """Return all scopes in which the visitor holds a role."""
        return frozenset().union(*(grant.scopes for grant in self.request.principals.grants))

    def __getitem__(self, name: str) -> TypeResource:
        """Return a type by name."""
        return TypeResource(self, self.request, self.request.find_service(ResourceTypes)[name])


class TypeResource(MountedRoom):
    """One type."""

    permissions = TypesRoom.permissions

    def __init__(self, parent: TypesRoom, request: Request, resource_type: ResourceType) -> None:
        super().__init__(parent, request, resource_type.name)
        self.resource_type = resource_type


@view_config(
    context=TypesRoom,
    name="",
    permission=Permission.USE_STAFF_AREA,
    request_method="GET",
    renderer="json",
)
def list_types(context: TypesRoom, request: Request) -> list[dict[str, Any]]:
    """List the types by name; those that editors can add somewhere are addable."""
    return [
        {
            "@id": request.resource_url(context, one.name),
            "id": one.name,
            "title": request.translate(one.title),
            "addable": bool(one.added_to),
        }
        for one in request.find_service(ResourceTypes)
    ]


@view_config(
    context=TypeResource,
    name="",
    permission=Permission.USE_STAFF_AREA,
    request_method="GET",
    renderer="json",
)
def show_type(context: TypeResource, request: Request) -> dict[str, Any]:
    """Show the JSON Schema of a type."""
    request.response.content_type = "application/schema+json"
    return type_schema(context.resource_type, FieldContext.from_request(request))


def includeme(config: Configurator) -> None:
    """Mount ``@types`` below every language; let rooms say what programs can do there."""
    config.include(".operations")
    config.include(".components")
    config.add_mount("@types", TypesRoom)
    config.scan(__name__)
