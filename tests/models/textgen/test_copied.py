"""Runs copied from a text, found by its hashes alone: exact places, nothing where nothing was copied, any script."""

import random
import string

import numpy as np
import pytest

from models.errors import BadInput
from models.textgen.copied import MIN_RUN, WINDOW, CopiedRun, CopyIndex


def letters(count: int, seed: int) -> str:
    return "".join(random.Random(seed).choices(string.ascii_letters + " ", k=count))


TEXT = letters(20_000, seed=1)
INDEX = CopyIndex.from_text(TEXT)


@pytest.mark.parametrize("length", [MIN_RUN, MIN_RUN + 1, 40, 500])
@pytest.mark.parametrize("before", [0, 1, 333])
def test_a_copy_is_found_where_it_stands(length: int, before: int) -> None:
    output = letters(before, seed=2) + "#" + TEXT[7000 : 7000 + length] + "#" + letters(200, seed=3)
    assert INDEX.longest_run(output) == CopiedRun(before + 1, before + 1 + length)


def test_a_run_shorter_than_the_least_is_none() -> None:
    assert INDEX.longest_run("#" + TEXT[7000 : 7000 + MIN_RUN - 1] + "#" * 30) == CopiedRun(0, 0)
    assert CopiedRun(0, 0).length == 0


def test_the_longest_of_several_copies_wins_and_the_first_of_equals() -> None:
    parts = [TEXT[100:120], TEXT[5000:5033], TEXT[300:325], TEXT[9000:9033]]
    run = INDEX.longest_run("#".join(parts))
    assert (run.start, run.end, run.length) == (21, 54, 33)


def test_the_place_in_the_text_with_the_longer_copy_wins() -> None:
    index = CopyIndex.from_text(f"{TEXT[:20]}#{TEXT[:60]}#{TEXT[:40]}")
    assert index.longest_run("?" + TEXT[:100]) == CopiedRun(1, 61)


@pytest.mark.parametrize(("start", "stop"), [(0, 20_000), (0, 300), (19_700, 20_000), (4000, 4000 + MIN_RUN)])
def test_an_output_that_is_all_copy_is_one_run(start: int, stop: int) -> None:
    assert INDEX.longest_run(TEXT[start:stop]) == CopiedRun(0, stop - start)


def test_a_shuffled_text_has_no_copy() -> None:
    shuffled = "".join(random.Random(4).sample(TEXT, 2000))
    assert INDEX.longest_run(shuffled) == CopiedRun(0, 0)


def test_it_agrees_with_a_search_in_the_text_itself() -> None:
    draw = random.Random(5)
    for _ in range(10):
        cuts = [(at := draw.randrange(len(TEXT) - 60), at + draw.randrange(8, 60)) for _ in range(20)]
        output = "#".join(TEXT[start:stop] for start, stop in cuts)
        run = INDEX.longest_run(output)
        lengths = [stop - start for start, stop in cuts]
        assert run.length == max(lengths)
        assert output[run.start : run.end] in TEXT


@pytest.mark.parametrize(
    "copied", ["שלום עליכם, ומה שלומך", "🦜🦚🦢🦩🦆🦅🦉🐧🐦🐤🐥🐣🐔🦃🕊️", "naïve\0\n\t\u202e \ud800 déjà-vu"]
)
def test_offsets_count_characters_in_any_script(copied: str) -> None:
    index = CopyIndex.from_text(TEXT[:500] + copied + TEXT[500:600])
    assert index.longest_run(f"é🦜{copied}é🦜") == CopiedRun(2, 2 + len(copied))


@pytest.mark.parametrize("length", [0, 1, WINDOW - 1, WINDOW, WINDOW + 2, MIN_RUN - 1])
def test_texts_shorter_than_the_least_run_share_nothing(length: int) -> None:
    short = CopyIndex.from_text(TEXT[:length])
    assert short.longest_run(TEXT) == short.longest_run(TEXT[:length]) == CopiedRun(0, 0)
    assert INDEX.longest_run(TEXT[:length]) == CopiedRun(0, 0)


def test_a_text_of_one_character_over_and_over_is_found_as_far_as_it_goes() -> None:
    assert CopyIndex.from_text("a" * 50).longest_run("#" + "a" * 80) == CopiedRun(1, 51)


def test_an_index_comes_back_from_its_state_of_one_byte_per_character() -> None:
    arrays, meta = INDEX.state()
    assert arrays["hashes"].dtype == np.uint8
    assert len(arrays["hashes"]) == len(TEXT) - WINDOW + 1
    again = CopyIndex.from_state(arrays, meta)
    assert again.longest_run("#" + TEXT[50:90]) == CopiedRun(1, 41)
    assert again.nbytes == INDEX.nbytes


def test_every_hash_is_about_as_frequent_as_any_other() -> None:
    counts = np.bincount(INDEX.state()[0]["hashes"], minlength=256)
    chi_squared = ((counts - counts.mean()) ** 2 / counts.mean()).sum()
    assert chi_squared < 255 + 6 * (2 * 255) ** 0.5


@pytest.mark.parametrize(
    "meta", [{}, {"kind": "ngram", "window": WINDOW}, {"kind": "copied", "window": 5}, []], ids=str
)
def test_the_metadata_of_something_else_is_refused(meta: dict[str, object]) -> None:
    with pytest.raises(BadInput, match="not an index of copied runs"):
        CopyIndex.from_state(INDEX.state()[0], meta)


@pytest.mark.parametrize(
    "hashes", [None, [1, 2], np.zeros(5), np.zeros((5, 5), np.uint8), np.zeros(5, np.int8)], ids=repr
)
def test_an_array_of_something_else_is_refused(hashes: object) -> None:
    with pytest.raises(BadInput, match="not an index of copied runs"):
        CopyIndex.from_state({"hashes": hashes}, INDEX.state()[1])  # type: ignore[dict-item]


def test_a_speakers_heading_is_no_copied_text() -> None:
    speeches = "KING RICHARD III:\nA horse, a horse!\n\n" * 20
    index = CopyIndex.from_text(speeches + TEXT)
    output = f"KING RICHARD III:\n{TEXT[100:130]}\n\nKING RICHARD III:\n{TEXT[300:320]}"
    run = index.longest_spoken_run(output)
    assert output[run.start : run.end].strip() == TEXT[100:130].strip()
    assert index.longest_spoken_run("KING RICHARD III:\nKING RICHARD III:\nKING RICHARD III:") == CopiedRun(0, 0)
