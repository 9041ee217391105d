"""Project: classes and samples stay what the visitor made of them, whatever comes from a camera meanwhile."""

import threading

import numpy as np
import pytest

from models.errors import BadInput
from models.pictures.images import to_jpeg
from models.teachable.classes import COLOURS, MAX_CLASSES
from models.teachable.project import Project
from models.teachable.samples import Class

JPEG = to_jpeg(np.zeros((8, 8, 3), np.uint8))


def features(value: float = 1.0) -> np.ndarray:
    return np.full(1280, value, np.float32)


@pytest.fixture
def project() -> Project:
    return Project.fresh()


def filled(project: Project, *counts: int) -> Project:
    for one, count in zip(project.classes, counts, strict=True):
        for _ in range(count):
            project.add(one.id, JPEG, features())
    return project


def counts(project: Project) -> list[int]:
    return [len(one.samples) for one in project.classes]


def test_a_fresh_project_has_two_classes_and_is_untouched(project: Project) -> None:
    assert [one.name for one in project.classes] == ["Class 1", "Class 2"]
    assert project.untouched and len({one.colour for one in project.classes}) == 2


def test_a_sample_goes_to_the_class_of_its_id_whatever_became_of_names_and_places(project: Project) -> None:
    first, second = project.classes
    project.rename(first.id, "Cup")
    project.delete_class(second.id)
    third = project.add_class()
    project.add(first.id, JPEG)
    assert {one.name: len(one.samples) for one in project.classes} == {"Cup": 1, third.name: 0}
    with pytest.raises(BadInput, match="gone"):
        project.add(second.id, JPEG)
    assert counts(project) == [1, 0]


def test_names_are_unique_whatever_their_capitals_and_never_empty(project: Project) -> None:
    first, second = project.classes
    project.rename(first.id, "  Cup\n of tea ")
    assert project.classes[0].name == "Cup of tea"
    for name in ("CUP OF TEA", " ", "\u0000"):
        with pytest.raises(BadInput, match="name"):
            project.rename(second.id, name)
    project.rename(first.id, "Cup of Tea")  # its own name in other capitals
    assert [one.name for one in project.classes] == ["Cup of Tea", "Class 2"]


@pytest.mark.parametrize("typed", ["cafe\u0301", "CAFÉ", " café\u200b ", "ｃａｆé", "\u202ecafé"])
def test_a_name_that_looks_like_another_is_refused(project: Project, typed: str) -> None:
    first, second = project.classes
    project.rename(first.id, "café")
    for refused in (lambda: project.rename(second.id, typed), lambda: project.add_class(typed)):
        with pytest.raises(BadInput, match="There is a class café already"):
            refused()
    assert project.find(typed) is project.classes[0]
    project.rename(first.id, typed)  # its own name, typed another way


def test_an_emoji_that_is_joined_is_a_name(project: Project) -> None:
    project.rename(project.classes[0].id, "👩‍🏫")
    project.rename(project.classes[1].id, "👩 🏫")
    assert [one.name for one in project.classes] == ["👩‍🏫", "👩 🏫"]
    copy = project.duplicate(project.classes[0].id)
    assert copy.name == "👩‍🏫 copy 1"


def test_another_project_in_its_place_is_brought_back_while_there_is_room(project: Project) -> None:
    new, brought = Project.fresh(), []
    filled(project, 3, 0)
    project.delete([project.samples[0].key])
    new.offer_undo("replacing it", lambda: brought.append(project), project)
    assert new.nbytes == project.nbytes == sum(sample.nbytes for sample in project.samples) * 3 // 2
    assert new.undo_words == "replacing it" and new.untouched
    new.drop_empty()
    assert new.classes == (), "it needs none of these classes"
    new.undo()
    assert brought == [project] and new.undo_words is None and new.nbytes == 0
    new.offer_undo("replacing it", lambda: brought.append(project), project)
    new.budget_bytes = project.nbytes + 100
    new.add(new.add_class().id, JPEG)
    assert new.undo_words is None, "a sample more needs the room"


def test_a_class_that_an_undo_needs_is_not_dropped(project: Project) -> None:
    filled(project, 2, 0)
    project.delete([sample.key for sample in project.samples])
    project.drop_empty()
    assert [one.name for one in project.classes] == ["Class 1"]
    project.undo()
    assert counts(project) == [2]


def test_an_undo_that_fails_can_be_tried_again(project: Project) -> None:
    filled(project, 1, 1)
    project.delete_class(project.classes[0].id)
    while len(project.classes) < MAX_CLASSES:
        project.add_class()
    with pytest.raises(BadInput, match="20 classes"):
        project.undo()
    assert project.undo_words == "deleting Class 1"


def test_its_outline_is_all_but_samples_and_training(project: Project) -> None:
    before = project.outline
    filled(project, 1, 1)
    project.begin_training()
    assert project.outline == before
    one = project.classes[0].id
    for change in (
        lambda: project.call("another"),
        lambda: project.rename(one, "Cup"),
        lambda: project.recolour(one, "#112233"),
        lambda: project.enable(one, False),
        project.add_class,
        lambda: project.delete_class(one),
    ):
        change()
        assert project.outline != before
        before = project.outline
    project.call(" ")
    assert project.name == "another"


def test_a_class_comes_back_beside_one_that_took_its_name_meanwhile(project: Project) -> None:
    first, second = project.classes
    project.rename(first.id, "café")
    project.delete_class(first.id)
    project.rename(second.id, "CAFE\u0301")
    project.undo()
    assert [one.name for one in project.classes] == ["café 1", "CAFÉ"]


def test_names_that_were_apart_when_they_were_kept_stay_apart() -> None:
    kept = [Class(str(n), name, "#112233") for n, name in enumerate(("café", "cafe\u0301", "\u3164", "cafe\u0301 2"))]
    names = [one.name for one in Project.restored("pictures", "old", kept).classes]
    assert names == ["café", "café 2", "Class", "café 2 2"]
    with pytest.raises(BadInput, match="There is a class Cat already"):
        Project.restored("pictures", "wrong", [Class("a", "Cat", "#112233"), Class("b", "CAT", "#112233")])


def test_a_colour_is_a_colour(project: Project) -> None:
    project.recolour(project.classes[0].id, "#ABCDEF")
    for colour in ("red", "#12345", "#12345g", '#000000" onload="x'):
        with pytest.raises(BadInput, match="colour"):
            project.recolour(project.classes[0].id, colour)
    assert project.classes[0].colour == "#ABCDEF"


def test_twenty_classes_are_the_most_and_neighbours_differ_in_colour(project: Project) -> None:
    while len(project.classes) < MAX_CLASSES:
        project.add_class()
    assert len({one.name for one in project.classes}) == MAX_CLASSES
    assert {one.colour for one in project.classes} == set(COLOURS)
    for more in (project.add_class, lambda: project.duplicate(project.classes[0].id)):
        with pytest.raises(BadInput, match="20 classes"):
            more()


def test_a_deleted_class_comes_back_with_its_samples_in_its_place(project: Project) -> None:
    filled(project, 2, 3)
    before = project.classes
    project.delete_class(before[0].id)
    assert counts(project) == [3] and "deleting Class 1" in str(project.undo_words)
    project.undo()
    assert project.classes == before and project.undo_words is None


def test_deleted_samples_come_back_in_their_order_beside_those_recorded_meanwhile(project: Project) -> None:
    filled(project, 4, 0)
    first, second, third, fourth = project.classes[0].samples
    assert project.delete([second.key, fourth.key, "unknown"]) == 2
    new = project.add(project.classes[0].id, JPEG)
    project.undo()
    assert project.classes[0].samples == (first, second, third, fourth, new)


def test_moved_samples_are_in_the_other_class_and_come_back(project: Project) -> None:
    filled(project, 3, 1)
    one, two = project.classes
    moved = [one.samples[0].key, one.samples[2].key]
    assert project.move(moved, two.id) == 2
    assert counts(project) == [1, 3]
    assert [s.key for s in project.classes[1].samples if s.key in moved] == moved
    project.undo()
    assert project.classes == (one, two)


def test_undoing_a_move_does_not_bring_back_what_was_deleted_since(project: Project) -> None:
    filled(project, 2, 0)
    keys = [s.key for s in project.classes[0].samples]
    project.move(keys, project.classes[1].id)
    project.delete(keys[:1])
    project.undo()
    project.undo()
    assert [s.key for s in project.classes[0].samples] == keys  # the deletion was undone first
    project.move(keys, project.classes[1].id)
    project.delete_class(project.classes[0].id)
    project.undo()
    project.undo()
    assert counts(project) == [2, 0]


def test_an_undo_that_has_no_room_now_can_be_tried_again(project: Project) -> None:
    filled(project, 2, 0)
    gone = project.classes[0]
    project.delete_class(gone.id)
    while len(project.classes) < MAX_CLASSES:
        project.add_class()
    with pytest.raises(BadInput, match="20 classes"):
        project.undo()
    project.drop_empty()
    assert not project.classes
    project.undo()
    assert project.classes == (gone,)


def test_undo_remembers_the_last_ten(project: Project) -> None:
    filled(project, 12, 0)
    for sample in project.classes[0].samples:
        project.delete([sample.key])
    while project.undo():
        pass
    assert counts(project) == [10, 0]


def test_a_copy_has_the_same_pictures_and_its_own_life(project: Project) -> None:
    filled(project, 2, 1)
    copy = project.duplicate(project.classes[0].id)
    assert [one.name for one in project.classes] == ["Class 1", "Class 1 copy 1", "Class 2"]
    project.delete([copy.samples[0].key])
    assert counts(project) == [2, 1, 1]


def test_a_full_class_says_so_and_stays_as_it_is(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.teachable.classes.MAX_SAMPLES", 3)
    filled(project, 3, 2)
    with pytest.raises(BadInput, match="Class 1 is full: 3 samples"):
        project.add(project.classes[0].id, JPEG)
    with pytest.raises(BadInput, match="2 more don't fit"):
        project.move([s.key for s in project.classes[1].samples], project.classes[0].id)
    assert counts(project) == [3, 2]


def test_memory_is_bounded_undo_gives_way_first() -> None:
    project = Project.fresh(budget_bytes=60_000)
    first = project.classes[0]
    taken = 0
    with pytest.raises(BadInput, match="fills the 0 MB"):
        for taken in range(100):  # noqa: B007
            project.add(first.id, JPEG, features())
    assert 5 < taken < 20 and project.nbytes <= 60_000
    project.delete([s.key for s in project.classes[0].samples])
    assert project.nbytes > 50_000, "what an undo would bring back is in memory too"
    project.add(first.id, JPEG, features())
    assert project.undo_words is None and counts(project) == [1, 0] and project.nbytes < 10_000


def test_many_threads_add_and_edit_and_nothing_is_lost(project: Project) -> None:
    one, two = (one.id for one in project.classes)

    def add(class_id: str) -> None:
        for _ in range(200):
            project.add(class_id, JPEG)

    def edit() -> None:
        for number in range(100):
            project.rename(one, f"Name {number}")
            project.enable(two, number % 2 == 0)
            project.delete_class(project.add_class().id)

    threads = [threading.Thread(target=add, args=[c]) for c in (one, two, one)] + [threading.Thread(target=edit)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counts(project) == [400, 200]
    assert len({s.key for s in project.samples}) == 600


class TestTrainingSet:
    def test_holds_the_enabled_classes_samples_that_were_looked_at(self, project: Project) -> None:
        filled(project, 3, 2)
        off = project.add_class("Off")
        project.enable(off.id, False)
        project.add(project.classes[0].id, JPEG)  # waits for its features
        given = project.training_set()
        assert given.features.shape == (5, 1280) and given.labels.tolist() == [0, 0, 0, 1, 1]
        assert [one.name for one in given.classes] == ["Class 1", "Class 2"]
        assert given.samples == project.classes[0].samples[:3] + project.classes[1].samples

    @pytest.mark.parametrize(
        ("filled_with", "words"), [((3, 0), "Class 2 is empty"), ((1, 3), "Class 1 has one sample")]
    )
    def test_names_the_class_with_too_little(self, project: Project, filled_with: tuple[int, int], words: str) -> None:
        filled(project, *filled_with)
        with pytest.raises(BadInput, match=words):
            project.training_set()

    def test_wants_two_classes_that_take_part(self, project: Project) -> None:
        filled(project, 3, 3)
        project.enable(project.classes[0].id, False)
        with pytest.raises(BadInput, match="Two classes"):
            project.training_set()

    def test_says_when_samples_are_still_being_looked_at(self, project: Project) -> None:
        filled(project, 3, 1)
        project.add(project.classes[1].id, JPEG)
        with pytest.raises(BadInput, match="still being looked at"):
            project.training_set()


def test_features_of_another_kind_are_refused(project: Project) -> None:
    sample = project.add(project.classes[0].id, JPEG)
    with pytest.raises(ValueError, match="float32"):
        project.looked_at(sample, np.zeros(42, np.float32))
    assert sample.features is None


def test_a_picture_without_a_body_goes_and_is_counted() -> None:
    project = Project.fresh("body")
    sample = project.add(project.classes[0].id, JPEG)
    project.refuse(sample)
    assert counts(project) == [0, 0] and project.refused == 1
    with pytest.raises(ValueError, match="kind"):
        Project("feet")
