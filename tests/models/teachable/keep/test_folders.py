"""A zip of folders of pictures becomes classes; what can't is told, not lost in silence."""

import io
import zipfile

import pytest

from models.errors import BadInput
from models.pictures.arrays import thumbnail
from models.pictures.images import open_image, sample_pictures, to_jpeg
from models.teachable.classes import MAX_CLASSES, MAX_SAMPLES
from models.teachable.keep.folders import folders
from models.teachable.names import MAX_NAME_LETTERS, alike, clean
from models.teachable.project import Project

MUSEUM = "Photos taken at the museum in spring 2025"


def packed(names: list[str], content: bytes = b"a picture", method: int = zipfile.ZIP_STORED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as made:
        for name in names:
            made.writestr(name, content)
    return file.getvalue()


def classes(*names: str, zip_name: str = "fruits.zip") -> dict[str, list[str]]:
    found = folders(packed(list(names)), name=zip_name)
    return {of_class: [name for name, _ in pictures] for of_class, pictures in found.classes.items()}


def test_the_very_pictures_come_out() -> None:
    rgb = thumbnail(sample_pictures()[0].load(), 60)
    found = folders(packed(["cat/1.jpg"], to_jpeg(rgb)), name="a.zip")
    ((name, data),) = found.classes["cat"]
    assert open_image(data, name=name).shape == rgb.shape
    assert found.left_out == ()


def test_every_folder_is_a_class_in_order_of_names() -> None:
    found = classes("pear/10.jpg", "pear/2.PNG", "apple/b.webp", "pear/1.jpeg", "apple/A.heic")
    assert found == {"apple": ["A.heic", "b.webp"], "pear": ["1.jpeg", "2.PNG", "10.jpg"]}
    assert list(found) == ["apple", "pear"]


def test_a_folder_around_the_folders_is_no_class() -> None:
    assert classes("fruits/apple/1.jpg", "fruits/pear/1.jpg") == {"apple": ["1.jpg"], "pear": ["1.jpg"]}


def test_pictures_beside_the_folders_go_by_the_name_of_the_zip() -> None:
    assert classes("top/1.jpg", "top/pear/2.jpg") == {"fruits": ["1.jpg"], "pear": ["2.jpg"]}
    assert classes("1.jpg", "2.jpg") == {"fruits": ["1.jpg", "2.jpg"]}
    assert classes("1.jpg", zip_name="") == {"Class": ["1.jpg"]}


def test_one_folder_alone_is_a_class() -> None:
    assert classes("pear/1.jpg", "pear/2.jpg", zip_name="Archive.zip") == {"pear": ["1.jpg", "2.jpg"]}


def test_the_innermost_folder_counts_and_equal_ones_are_one() -> None:
    found = classes("train/pear/1.jpg", "test/Pear/2.jpg", "test/apple/3.jpg", "train/e\u0301/1.jpg", "test/é/2.jpg")
    assert found == {"apple": ["3.jpg"], "Pear": ["2.jpg", "1.jpg"], "é": ["2.jpg", "1.jpg"]}


def test_names_of_folders_become_names_of_classes() -> None:
    long = "x" * 100
    assert classes(f"a/{long}/1.jpg", "a/ \t /1.jpg", "a/bad\nname/1.jpg", "./1.jpg") == {
        "fruits": ["1.jpg", "1.jpg"],
        "bad name": ["1.jpg"],
        "x" * 40: ["1.jpg"],
    }


def test_folders_packed_by_windows_are_folders() -> None:
    assert classes("cats\\1.jpg", "cats\\2.jpg", "dogs\\1.jpg") == {"cats": ["1.jpg", "2.jpg"], "dogs": ["1.jpg"]}
    assert classes("\\pets\\cats\\1.jpg", "\\pets\\dogs\\1.jpg") == {"cats": ["1.jpg"], "dogs": ["1.jpg"]}


@pytest.mark.parametrize(
    "names",
    [
        (MUSEUM + " - ripe bananas", MUSEUM + " - green bananas"),
        (MUSEUM + "a" * 50 + "1" + "b" * 50, MUSEUM + "a" * 50 + "2" + "b" * 50),
        (MUSEUM[:MAX_NAME_LETTERS], MUSEUM[:MAX_NAME_LETTERS] + " again", MUSEUM[:MAX_NAME_LETTERS] + " and again"),
        ("👩‍🏫" * 45, "👩‍🏫" * 46),
    ],
    ids=["other ends", "only the middle", "one that fits", "joined emoji"],
)
def test_folders_that_begin_alike_stay_apart(names: tuple[str, ...]) -> None:
    found = classes(*(f"{name}/{number}.jpg" for number, name in enumerate(names)))
    assert len(found) == len(names) == len({alike(name) for name in found})
    assert all(clean(name) == name for name in found)
    project = Project.fresh(names=list(found))
    assert [one.name for one in project.classes] == list(found), "a project takes them as they are"


def test_of_long_names_that_begin_alike_the_ends_are_seen() -> None:
    found = classes(f"{MUSEUM} - ripe bananas/1.jpg", f"{MUSEUM} - green bananas/1.jpg")
    assert [name.endswith(end) for name, end in zip(found, ("green bananas", "ripe bananas"), strict=True)] == [
        True
    ] * 2


def test_long_folders_of_one_name_are_one_class() -> None:
    assert len(classes(f"train/{MUSEUM} - ripe/1.jpg", f"test/{MUSEUM.upper()} - RIPE/1.jpg")) == 1


@pytest.mark.parametrize("name", ["👩‍🏫", "👨‍👩‍👧‍👦", "❤️‍🔥", "👍🏽", "🇩🇪", "1️⃣", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🫨"])
def test_an_emoji_is_a_class(name: str) -> None:
    assert classes(f"a/{name}/1.jpg", "a/other/1.jpg") == {"other": ["1.jpg"], name: ["1.jpg"]}


def test_folders_that_look_the_same_are_one_class() -> None:
    assert classes("a/café/1.jpg", "a/cafe\u0301/2.jpg", "a/CAFÉ\u200b/3.jpg", "a/b/1.jpg").keys() == {"b", "café"}


def test_what_is_no_picture_is_counted_and_named() -> None:
    found = folders(packed(["a/1.jpg", "a/notes.txt"]), name="a.zip")
    assert found.left_out == ("1 file was left out because it is not a picture: notes.txt.",)
    many = folders(packed(["a/1.jpg", *(f"a/{n}.csv" for n in range(5))]), name="a.zip")
    assert many.left_out == ("5 files were left out because they are not pictures: 0.csv, 1.csv, 2.csv and 2 more.",)


def test_a_zip_without_pictures_is_refused() -> None:
    for names in ([], ["a.txt"], ["a/b/c.ipynb", "a/"]):
        with pytest.raises(BadInput, match=r"no pictures in my\.zip"):
            folders(packed(names), name="my.zip")


def test_ten_thousand_pictures_fill_a_class_and_the_rest_is_told() -> None:
    found = folders(packed([f"pear/{n}.jpg" for n in range(10_000)], b""), name="a.zip")
    assert [name for name, _ in found.classes["pear"]] == [f"{n}.jpg" for n in range(MAX_SAMPLES)]
    assert found.left_out == (
        "8000 of the 10000 pictures in pear were left out because a class has 2000 samples at most.",
    )


def test_folders_past_the_last_class_are_told() -> None:
    found = folders(packed([f"{n}/1.jpg" for n in range(1, 24)]), name="a.zip")
    assert list(found.classes) == [str(n) for n in range(1, MAX_CLASSES + 1)]
    assert found.left_out == (
        "3 of the 23 folders were left out because a project has 20 classes at most: 21, 22, 23.",
    )


def test_a_picture_that_is_too_large_is_left_out_unopened() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("a/bomb.jpg", bytes(3_000_000))
        made.writestr("a/1.jpg", b"A")
    found = folders(file.getvalue(), name="a.zip", max_bytes_each=2_000_000)
    assert found.classes == {"a": [("1.jpg", b"A")]}
    assert found.left_out == ("1 file was left out because it is larger than 2 MB: bomb.jpg.",)


def test_a_large_file_that_is_no_picture_does_not_matter() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("a/holiday.mp4", bytes(3_000_000))
        made.writestr("a/1.jpg", b"A")
    assert list(folders(file.getvalue(), name="a.zip", max_bytes_all=2_000_000).classes) == ["a"]


def test_pictures_that_come_to_too_much_are_refused_before_any_is_opened() -> None:
    data = packed([f"a/{n}.jpg" for n in range(4)], bytes(1_000_000), zipfile.ZIP_DEFLATED)
    with pytest.raises(BadInput, match=r"a\.zip come to 4 MB, and at most 3 MB"):
        folders(data, name="a.zip", max_bytes_all=3_000_000)


def test_a_damaged_picture_is_left_out() -> None:
    data = packed(["a/1.jpg"], b"broken later")
    with pytest.raises(BadInput, match=r"No picture in a\.zip can be used.*damaged: 1\.jpg"):
        folders(data.replace(b"broken later", b"broken laser"), name="a.zip")
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        made.writestr("a/1.jpg", b"broken later")
        made.writestr("a/2.jpg", b"good")
    found = folders(file.getvalue().replace(b"broken later", b"broken laser"), name="a.zip")
    assert found.classes == {"a": [("2.jpg", b"good")]}
    assert found.left_out == ("1 file was left out because it is damaged: 1.jpg.",)


@pytest.mark.parametrize("name", ["../1.jpg", "C:/1.jpg", "a\\..\\..\\1.jpg"])
def test_a_name_that_leads_elsewhere_is_refused(name: str) -> None:
    with pytest.raises(BadInput, match="leads out"):
        folders(packed(["a/1.jpg", name]), name="a.zip")


def test_a_name_of_thousands_of_digits_is_sorted() -> None:
    assert list(classes("7" * 60_000 + "/1.jpg", "²/٣.jpg", "a1/1.jpg")) == ["7" * 40, "a1", "²"]
