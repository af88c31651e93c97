"""What if: last month's holds once more under other rules, before anybody sets them.

`reading` takes a period from the live tables, `replay` runs it through the engine's own decisions,
`measures` compares; `reports` keeps what came of it. Nothing here writes what circulates.
"""

from __future__ import annotations

from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    """Register the services, the pages and the work."""
    from .reading import PeriodReading
    from .reports import LOOK, WhatIf, compute_some
    from .resources import NAME, WhatIfRoom, rail

    config.register_service_factory(PeriodReading.from_request, PeriodReading)
    config.register_service_factory(WhatIf.from_request, WhatIf)
    config.add_upkeep("what if", compute_some, every=LOOK, writes=False)
    config.add_staff_page(NAME, WhatIfRoom)
    config.add_frame_part("rail", rail, order=22)
    config.scan(".views")
