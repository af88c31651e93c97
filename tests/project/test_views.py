"""What every view must say, whoever wrote it."""

import pytest
from pyramid.interfaces import IExceptionResponse


@pytest.fixture
def introspector(app):
    return app.registry.introspector


def view_name(view):
    made_by = getattr(view["callable"], "__qualname__", repr(view["callable"]))
    return f"{getattr(view['callable'], '__module__', '')}.{made_by} ({view['name'] or 'default'})"


def answers_an_exception(view):
    context = view["context"]
    return (
        view["exception_only"]
        or context is IExceptionResponse
        or (isinstance(context, type) and issubclass(context, BaseException))
    )


def test_every_view_names_its_permission(introspector):
    silent = [
        view_name(item["introspectable"])
        for item in introspector.get_category("views", ())
        if not answers_an_exception(item["introspectable"])
        and not any(related.category_name == "permissions" for related in item["related"])
    ]

    assert silent == []


def test_every_template_named_by_a_view_exists(introspector, settings):
    templates = settings.site / "themes" / "default" / "templates"
    named = {item["introspectable"]["name"] for item in introspector.get_category("templates", ())}

    assert {name for name in named if not (templates / name).is_file()} == set()
