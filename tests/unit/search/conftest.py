"""Every backend passes the same tests."""

import pytest
from fixtures.search_documents import ALL

from bibliopolis.search.ram import RamIndex
from bibliopolis.search.whoosh.index import WhooshIndex


@pytest.fixture(params=["ram", "whoosh"])
def index(request, tmp_path):
    return RamIndex() if request.param == "ram" else WhooshIndex(tmp_path / "index")


@pytest.fixture
def filled(index):
    """An index of several segments, in which something was replaced."""
    index.update(ALL[:4])
    index.update(ALL[4:])
    index.update([ALL[2], ALL[0]])
    return index
