"""``staff/whatif``: reports for all who see rules, begun by those who set them."""

from __future__ import annotations

from typing import Any

from pyramid.request import Request

from bibliopolis.frame import Link, RailGroup
from bibliopolis.i18n import _
from bibliopolis.libraries.staff_resources import EDITORS, STAFF
from bibliopolis.resources.access import permission_map
from bibliopolis.resources.traversal import MountedRoom

from .models import WhatIfReport
from .reports import WhatIf

NAME = "whatif"
PERMISSIONS = permission_map(view_working=STAFF, edit=EDITORS)
"""Those of the page of rules; a report changes nothing, so it is not of one library only."""


class WhatIfRoom(MountedRoom):
    """Like the staff area it lies in every scope its visitor has a role in."""

    permissions = PERMISSIONS

    def __init__(self, parent: Any, request: Request) -> None:
        super().__init__(parent, request, NAME)

    def __getitem__(self, name: str) -> ReportPage:
        """Return the report with this uid."""
        report = self.request.find_service(WhatIf, context=None).find(name)
        if report is None:
            raise KeyError(name)
        return ReportPage(self, self.request, report)


class ReportPage(MountedRoom):
    """``staff/whatif/3f…``: one report."""

    permissions = PERMISSIONS

    def __init__(self, parent: WhatIfRoom, request: Request, report: WhatIfReport) -> None:
        super().__init__(parent, request, report.uid)
        self.report = report


def rail(request: Request) -> list[RailGroup]:
    """Return the way to the reports."""
    if not request.principals.holds_anywhere(STAFF):
        return []
    link = Link(_("What if"), f"{request.frame.home}/staff/{NAME}", "sliders")
    return [RailGroup(_("Service"), (link,))]
