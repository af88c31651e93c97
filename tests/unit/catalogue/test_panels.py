"""Other rooms put panels beside a record."""

from bibliopolis import configure
from bibliopolis.catalogue.panels import record_panels


def test_panels_come_in_their_order_and_only_those_that_speak(ini, engine):
    config = configure(ini, {"bibliopolis.engine": engine})
    before = len(config.registry["bibliopolis.record_panels"])
    config.add_record_panel("late", lambda context, request: "<p>late</p>", order=90)
    config.add_record_panel("silent", lambda context, request: None)
    config.add_record_panel("early", lambda context, request: "<p>early</p>", order=10)
    config.commit()
    panels = [one for one in config.registry["bibliopolis.record_panels"] if one[1] in NAMES]
    config.registry["bibliopolis.record_panels"] = panels

    class Request:
        registry = config.registry

    assert before == 0
    assert record_panels(None, Request()) == ["<p>early</p>", "<p>late</p>"]


NAMES = {"late", "silent", "early"}
