"""How the code is laid out."""

import subprocess
import sys
from pathlib import Path

import pytest
from fixtures.sites import SITE

LONGEST = 450
MODULES = sorted((SITE / "src").rglob("*.py"))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SITE / "src")))
def test_a_module_can_be_read_in_one_sitting(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST, "two names say it better"


def test_rooms_import_only_what_the_plan_of_the_house_allows():
    # A process of its own: other tests mark classes for zope.interface, and the linter, which
    # looks at every attribute of its own classes, stumbles over such marks.
    linter = Path(sys.executable).with_name("lint-imports")

    said = subprocess.run(
        [linter, "--config", "setup.cfg", "--no-cache"], cwd=SITE, capture_output=True, text=True
    )

    assert said.returncode == 0, said.stdout + said.stderr
