"""Links to exactly what a page shows: each setting that an address names is set by it, and bad ones are passed over."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from streamlit.testing.v1 import AppTest

from components.sharing import LONGEST_TEXT
from models.demos import DEMOS, Demo
from models.hosting import joining
from models.settings import settings
from tests.pages.visit import entering, html_of, opened, ran, said, when_read

PLACES = (
    *((demo.name, {}) for demo in DEMOS),
    ("classifier", {"input": "Samples"}),
    ("pose", {"do Body": "Repetitions"}),
    ("pose", {"do Body": "Copy"}),
    ("pose", {"track": "Hands", "style": "Trail"}),
    ("pose", {"input": "Samples"}),
    ("teachable", {"view": "Understand"}),
    ("ocr", {"view": "Prepare", "prepare/threshold": "adaptive"}),
    ("ocr", {"view": "Compare"}),
    ("ocr", {"view": "Word cloud"}),
    ("textgen", {"view": "Tokens"}),
    ("textgen", {"view": "Surprise"}),
    ("textgen", {"view": "Train"}),
    ("textgen", {"view": "Train", "textgen/train/kind": "n-gram"}),
    ("textgen", {"view": "Attention"}),
    ("textgen", {"view": "Word cloud"}),
)
NUMBERS, ENDLESS = ("Slider", "NumberInput"), ("1e400", "-inf", "nan", "9" * 400)
BAD = ("nan", "-1", "9" * 400, "<script>alert(1)</script>", "\x00\x1b\u202e", "true", "[]", "&=?#", "-0.0001")
place = pytest.mark.parametrize(("page", "query"), PLACES, ids=lambda value: str(value) if value else "as it is")
_WIDGETS: dict[str, dict[str, Any]] = {}


def bound(at: AppTest) -> dict[str, Any]:
    """The widgets that the address names."""
    return {
        key: node
        for root in (at.main, at.sidebar)
        for node in root
        if (key := getattr(getattr(node, "proto", None), "query_param_key", ""))
    }


def another(proto: Any) -> Iterator[str]:
    """What an address may say instead of a widget's usual value."""
    name = type(proto).__name__
    if name == "Checkbox":
        yield str(not proto.default).lower()
    elif name == "Slider":
        options = list(proto.options) or [proto.min, proto.max]
        usual = [options[int(value)] for value in proto.default] if proto.options else list(proto.default)
        others = [value for value in options if value not in usual]
        yield from (str(value) for value in others[-len(usual) :])
    elif name == "NumberInput":
        yield str(int(proto.min + 1 if proto.default == proto.min else proto.min))
    elif name == "ColorPicker":
        yield "#123456"
    elif name == "MultiSelect":
        yield proto.options[0]
    elif name == "Selectbox":
        yield next(option for at, option in enumerate(proto.options) if at != proto.default)
    elif name == "ButtonGroup":
        others = [o.content for at, o in enumerate(proto.options) if at not in proto.default and not o.content_icon]
        yield next(iter(others), proto.options[0].content)  # of several that are on: the first alone
    else:
        assert name in ("TextInput", "TextArea"), name
        yield "other words"


def at_address(page: str, query: dict[str, Any]) -> AppTest:
    return when_read(ran(entering(page, **query).run()))


def widgets_of(page: str, query: dict[str, Any]) -> dict[str, Any]:
    """The widgets there that an address may name besides `query`, as they open; the page is run for that once."""
    if (where := f"{page} {query}") not in _WIDGETS:
        _WIDGETS[where] = bound(at_address(page, query))
    return {key: node for key, node in _WIDGETS[where].items() if key not in {"view", "input"}}


def link_of(at: AppTest) -> str:
    """What the button "Share" gives."""
    at.button(key="share").click().run()
    (code,) = ran(at).code
    return str(code.value)


@place
def test_every_setting_of_the_address_is_set(page: str, query: dict[str, str]) -> None:
    widgets = widgets_of(page, query)
    wanted = {key: list(another(node.proto)) for key, node in widgets.items() if key not in query}
    assert wanted
    at = at_address(page, {**query, **wanted})
    now = bound(at)
    for key, values in wanted.items():
        assert at.query_params.get(key) in (values, *values), key  # of one value the test's page gives it alone
        assert key not in now or now[key].value != widgets[key].value, key


@place
def test_what_no_widget_can_be_is_passed_over(page: str, query: dict[str, str]) -> None:
    widgets = widgets_of(page, query)
    kinds = {key: ENDLESS if type(node.proto).__name__ in NUMBERS else BAD for key, node in widgets.items()}
    mixed = {key: kinds[key][number % len(kinds[key])] for number, key in enumerate(sorted(kinds))}
    for bad in (dict.fromkeys(widgets, ""), mixed):
        at = at_address(page, bad | query)
        assert not at.error, bad


class TestLink:
    def test_it_opens_the_page_as_it_is_and_is_shown_as_a_qr_code(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("LIMELIGHT_PUBLIC_URL", "https://limelight.example")
        settings.cache_clear()
        at = opened("pose", track="Hands", style=["Skeleton", "Names"])
        link = urlsplit(link_of(at))
        assert (link.scheme, link.netloc, link.path) == ("https", "limelight.example", "/pose")
        assert parse_qs(link.query) == {"track": ["Hands"], "style": ["Skeleton", "Names"]}
        assert 'class="qr large"' in html_of(at)

    def test_the_code_of_a_room_stays_out_of_it(self) -> None:
        at = opened("teachable", room="ABC234", view="Understand")
        assert parse_qs(urlsplit(link_of(at)).query) == {"view": ["Understand"]}
        assert at.query_params["room"] == "ABC234", "the page itself still has it"

    def test_on_this_computer_alone_it_says_so(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(joining, "network_address", lambda: None)
        at = opened("classifier")
        assert link_of(at).endswith("/classifier")
        assert "Only this computer" in said(at)
        assert "qr" not in html_of(at)

    def test_the_prompt_goes_along_and_arrives(self) -> None:
        at = opened("textgen")
        at.text_area(key="prompt").set_value("O, what & a rogue? ünd 王").run()
        query = parse_qs(urlsplit(link_of(at)).query)
        assert query == {"prompt": ["O, what & a rogue? ünd 王"]}
        assert opened("textgen", **query).text_area(key="prompt").value == "O, what & a rogue? ünd 王"
        assert at.query_params == {}  # in the link, not in the address

    def test_an_emptied_prompt_arrives_empty(self) -> None:
        at = opened("textgen")
        at.text_area(key="prompt").set_value("").run()
        query = parse_qs(urlsplit(link_of(at)).query, keep_blank_values=True)
        assert opened("textgen", **query).text_area(key="prompt").value == ""

    def test_a_long_text_stays_here_and_the_page_says_so(self) -> None:
        at = opened("textgen")
        at.text_area(key="prompt").set_value("word " * LONGEST_TEXT).run()
        assert parse_qs(urlsplit(link_of(at)).query) == {}
        assert "longer than a link can carry" in said(at)

    def test_what_one_changed_after_coming_by_a_link_is_what_one_shares(self) -> None:
        at = opened("textgen", prompt="theirs")
        at.text_area(key="prompt").set_value("mine").run()
        assert parse_qs(urlsplit(link_of(at)).query) == {"prompt": ["mine"]}

    def test_a_text_of_another_page_stays_there(self) -> None:
        at = opened("textgen")
        at.text_area(key="prompt").set_value("mine").run()
        at.switch_page("pages/classifier.py").run()
        assert "prompt" not in link_of(at)

    def test_a_link_with_too_much_text_is_cut(self) -> None:
        at = opened("textgen", prompt="x" * 10_000)
        assert len(at.text_area(key="prompt").value) == LONGEST_TEXT


@pytest.mark.parametrize("demo", DEMOS, ids=lambda demo: demo.name)
def test_every_demo_can_be_shared(demo: Demo) -> None:
    assert opened(demo.name).button(key="share").label == "Share"
