"""The search box with its script: letters, arrows, Enter, Escape, and what is read aloud."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def live_server(city_to_look_at):
    return city_to_look_at


@pytest.fixture
def box(visitors):
    page = visitors.come(language="ru")
    page.goto("/ru/libraries")
    return page, page.get_by_role("combobox", name="Поиск по всем библиотекам города")


def test_a_suggestion_is_chosen_by_the_keyboard_alone(box):
    page, field = box
    options = page.locator(".suggestions").get_by_role("option")
    field.press_sequentially("дост")
    expect(options.first).to_be_visible()
    expect(field).to_have_attribute("aria-expanded", "true")
    expect(page.get_by_role("status").filter(has_text="Подсказок")).to_have_count(1)

    field.press("ArrowDown")

    expect(options.first).to_have_attribute("aria-selected", "true")
    assert field.get_attribute("aria-activedescendant") == options.first.get_attribute("id")
    field.press("ArrowUp")
    assert field.get_attribute("aria-activedescendant") is None
    field.press("ArrowDown")
    field.press("Enter")
    page.wait_for_url("**/ru/catalogue?auth=*")
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_escape_closes_the_list_and_enter_searches_as_ever(box):
    page, field = box
    field.press_sequentially("дост")
    expect(page.locator(".suggestions").get_by_role("option").first).to_be_visible()

    field.press("Escape")

    expect(page.locator(".suggestions")).to_be_hidden()
    expect(field).to_have_value("дост")
    field.press("Enter")
    page.wait_for_url("**/ru/catalogue?*q=*")


def test_a_suggestion_can_be_touched(box):
    page, field = box
    field.press_sequentially("ljcn")

    page.locator(".suggestions").get_by_role("option").first.click()

    page.wait_for_url("**/ru/catalogue?*")
