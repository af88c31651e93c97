"""``policies/notices.yaml`` is read strictly, and nights go over midnight."""

from datetime import time

import pytest
from fixtures.sites import SITE

from bibliopolis.errors import ConfigurationError
from bibliopolis.notices.policy import Quiet, load_policy
from bibliopolis.notices.registry import Declared, DeclaredKind, check

GOOD = """
channels:
  mail: {}
  sms: {quiet_from: "21:00", quiet_to: "09:00"}
morning: "08:00"
kept_days: 10
kinds:
  ready: {channels: [mail], must: true}
  soon: {channels: [], days: [3, 1], can_wait: true}
"""


@pytest.fixture
def policy(tmp_path):
    """Return a function that reads a policy."""

    def policy(text):
        (tmp_path / "policies").mkdir(exist_ok=True)
        (tmp_path / "policies" / "notices.yaml").write_text(text, encoding="utf-8")
        return load_policy(tmp_path)

    return policy


def declared(*kinds):
    found = Declared(channels={"mail": object(), "sms": object()})
    found.kinds = {name: DeclaredKind(name, name, "thing", 0) for name in kinds}
    return found


def test_the_policy_of_the_site_is_good():
    assert load_policy(SITE).kinds["hold_ready"].must


def test_what_is_written_is_read(policy):
    read = policy(GOOD)

    assert read.kinds["soon"].days == (3, 1)
    assert read.kinds["soon"].can_wait
    assert not read.kinds["soon"].must
    assert read.channels["mail"] is None
    assert read.kept.days == 10
    check(declared("ready", "soon"), read)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("channels: [mail], must", "channels: [male], must", "did you mean “mail”"),
        ("channels: [mail], must", "channels: [], must", "needs a channel"),
        ('"21:00"', '"late"', "a time such as"),
        ('quiet_from: "21:00", ', "", "“quiet_from” is missing"),
        ("days: [3, 1]", "days: [-3]", "from 0"),
        ("kept_days: 10", "kept_days: 0", "from 1"),
        ("can_wait", "can_wait_long", "unknown key"),
    ],
)
def test_a_mistake_stops_the_start_with_its_line(policy, old, new, said):
    with pytest.raises(ConfigurationError, match=said):
        policy(GOOD.replace(old, new))


@pytest.mark.parametrize(
    ("kinds", "said"),
    [(("ready",), "unknown kind of notice “soon”"), (("ready", "soon", "late"), "“late”")],
)
def test_the_policy_names_just_the_kinds_there_are(policy, kinds, said):
    with pytest.raises(ConfigurationError, match=said):
        check(declared(*kinds), policy(GOOD))


@pytest.mark.parametrize(
    ("begins", "ends", "moment", "quiet"),
    [
        (21, 9, 20, False),
        (21, 9, 21, True),
        (21, 9, 0, True),
        (21, 9, 9, False),
        (1, 5, 3, True),
        (1, 5, 5, False),
        (1, 5, 23, False),
        (8, 8, 8, False),
    ],
)
def test_nights_may_go_over_midnight(begins, ends, moment, quiet):
    assert Quiet(time(begins), time(ends)).covers(time(moment)) is quiet
