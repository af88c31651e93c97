"""The README promises commands and folders; both exist."""

import re

import pytest
from fixtures.sites import SITE

README = (SITE / "README.md").read_text(encoding="utf-8")
MAKEFILE = (SITE / "Makefile").read_text(encoding="utf-8")
TARGETS = set(re.findall(r"^([a-z]+):.*##", MAKEFILE, re.MULTILINE))


def test_every_command_of_the_readme_is_one_of_the_makefile():
    named = set(re.findall(r"^\s+make ([a-z]+)|`(?:[A-Z]+=\S+ )*make ([a-z]+)", README, re.M))

    assert {first or second for first, second in named} - TARGETS == set()


def test_make_alone_explains_every_target():
    phony = re.search(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)

    assert set(phony[1].split()) == TARGETS


@pytest.mark.parametrize("folder", re.findall(r"^\| `([a-z_/]+)/` \|", README, re.MULTILINE))
def test_every_folder_of_the_map_exists(folder):
    assert (SITE / folder).is_dir()


@pytest.mark.parametrize("target", re.findall(r"\]\(([^)#:]+)\)", README))
def test_every_link_of_the_readme_leads_somewhere(target):
    assert (SITE / target).exists()
