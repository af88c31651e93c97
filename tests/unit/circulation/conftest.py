"""The city of the tests, on a session that is rolled back."""

import pytest
from fixtures.lending import City, hold_workflows
from fixtures.sites import SITE


@pytest.fixture(scope="session")
def workflows():
    return hold_workflows(SITE)


@pytest.fixture
def city(db, clock, workflows):
    return City(db, clock, workflows)


@pytest.fixture
def here(city):
    return city.library("Fontanka")


@pytest.fixture
def there(city):
    return city.library("Okhta")


@pytest.fixture
def record(city, here):
    return city.record(here)


@pytest.fixture
def desk(city):
    return city.desk()
