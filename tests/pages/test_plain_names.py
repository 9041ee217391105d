"""Names that visitors give are shown as they are, wherever Streamlit would look for Markdown in them."""

import re
from collections.abc import Callable

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from components import heat_maps, layout
from models.classifier.results import Explanation
from models.pictures.images import to_jpeg
from models.teachable.project import Project
from models.textgen.ngram import NGram
from tests.pages.teaching_visitor import Teacher
from tests.pages.visit import as_markdown, entering, opened, ran, sample

NAMES = ("**bold**", "![x](https://example.org/x.png)", ":red[y] _z_", "<b>#1</b> `code` $x$")


def shown_plain(at: AppTest, name: str) -> None:
    """It is on the page, and nowhere would a part of it be taken for Markdown."""
    texts = [text for text in as_markdown(at) if re.sub(r"\\(.)", r"\1", text).find(name) >= 0]
    assert texts, f"{name} is nowhere"
    assert not [text for text in texts if name in text]
    assert all(layout.plain(name) in text for text in texts)


@pytest.mark.parametrize("name", NAMES)
def test_a_class(teacher: Callable[..., Teacher], name: str) -> None:
    project = Project.fresh("pictures", [name, "Cat"])
    project.add(project.classes[0].id, to_jpeg(sample("coffee")[:200, :200].copy()))
    visitor = teacher(project)
    shown_plain(visitor.at, project.classes[0].name)
    visitor.at.session_state["teach/all"] = project.classes[0].id
    visitor.looks()
    shown_plain(visitor.at, project.classes[0].name)


@pytest.mark.parametrize("page", ["classifier", "pose"])
@pytest.mark.parametrize("name", NAMES)
def test_an_uploaded_picture(page: str, name: str) -> None:
    at = opened(page, input="Upload")
    at.file_uploader[0].set_value([(f"{name}.jpg", to_jpeg(sample("coffee")), "image/jpeg")])
    shown_plain(ran(at.run()), name)


@pytest.mark.parametrize("name", NAMES)
def test_a_model_of_ones_own(name: str) -> None:
    at = entering("textgen")
    model = NGram.fit("to be or not to be " * 20, order=3)
    at.session_state["textgen/own"] = {name: model}
    shown_plain(ran(at.run()), name)


@pytest.mark.parametrize("name", NAMES)
def test_what_a_heat_map_is_of(name: str) -> None:
    words = heat_maps.caption(Explanation(name, np.zeros((7, 7), np.float32), (0, 0, 70, 70), (70, 70)))
    assert layout.plain(name) in words and name not in words
