"""``staff/workflows``: how things move here, drawn from the declarations."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup
from pyramid.config import Configurator
from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config

from bibliopolis.accounts.workflow_tables import (
    permission_columns,
    permission_titles,
    state_rows,
    step_rows,
)
from bibliopolis.resources.access import STAFF_ROLES, Permission, permission_map
from bibliopolis.resources.traversal import MountedRoom
from bibliopolis.resources.types import ResourceTypes
from bibliopolis.workflow import Workflow, Workflows
from bibliopolis.workflow.diagram import draw


class WorkflowsRoom(MountedRoom):
    """All the workflows of the site; whoever works here may know the rules of the house."""

    permissions = permission_map(use_staff_area=STAFF_ROLES)

    def __init__(self, parent: Any, request: Request) -> None:
        super().__init__(parent, request, "workflows")

    def __getitem__(self, name: str) -> WorkflowPage:
        """Return one workflow by name."""
        return WorkflowPage(self, self.request, self.request.find_service(Workflows)[name])


class WorkflowPage(MountedRoom):
    """One workflow, as a file to take away."""

    permissions = WorkflowsRoom.permissions

    def __init__(self, parent: WorkflowsRoom, request: Request, workflow: Workflow) -> None:
        super().__init__(parent, request, workflow.name)
        self.workflow = workflow


@view_config(
    context=WorkflowsRoom,
    name="",
    permission=Permission.USE_STAFF_AREA,
    request_method="GET",
    renderer="accounts/workflows.pt",
)
def show_workflows(context: WorkflowsRoom, request: Request) -> dict[str, Any]:
    """Show each workflow as a drawing and as the two tables that say the same."""
    return {
        "arrow": "←" if request.frame.direction == "rtl" else "→",
        "workflows": [
            _shown(context, request, workflow) for workflow in request.find_service(Workflows)
        ],
    }


@view_config(
    context=WorkflowPage,
    name="svg",
    permission=Permission.USE_STAFF_AREA,
    request_method="GET",
)
def download_drawing(context: WorkflowPage, request: Request) -> Response:
    """Return the drawing as a file that needs no style sheet of the site."""
    drawing = _draw(context.workflow, request, alone=True)
    return Response(
        drawing,
        content_type="image/svg+xml",
        charset="utf-8",
        content_disposition=f'attachment; filename="{context.workflow.name}.svg"',
    )


def _shown(context: WorkflowsRoom, request: Request, workflow: Workflow) -> dict[str, Any]:
    guards = request.find_service(Workflows).names.guards
    return {
        "workflow": workflow,
        "types": [
            one.title for one in request.find_service(ResourceTypes) if one.workflow is workflow
        ],
        "svg": Markup(_draw(workflow, request)),
        "svg_url": request.address(context, workflow.name, "svg"),
        "columns": permission_titles(permission_columns(workflow)),
        "states": state_rows(workflow),
        "steps": step_rows(workflow, guards),
    }


def _draw(workflow: Workflow, request: Request, alone: bool = False) -> str:
    mirrored = request.frame.direction == "rtl"
    return draw(workflow, request.translate, right_to_left=mirrored, alone=alone)


def includeme(config: Configurator) -> None:
    """Put the page below ``staff``."""
    config.add_staff_page("workflows", WorkflowsRoom)
