"""Points: the kinds, splitting, taps, and CSV files good and bad."""

import numpy as np
import pytest

from models.errors import BadInput
from models.playground.points import (
    CLASSES,
    CURVES,
    MAX_CSV_BYTES,
    MAX_POINTS,
    REACH,
    Points,
    from_csv,
    make,
    split,
    tapped,
)


@pytest.mark.parametrize("kind", [*CLASSES, *CURVES])
@pytest.mark.parametrize("count", [2, 21, 500])
def test_each_kind_gives_as_many_points_inside_the_plane_and_the_same_again(kind: str, count: int) -> None:
    made, again = (make(kind, count=count, noise=0.4, seed=3) for _ in range(2))
    assert len(made) == count and np.abs(made.xy).max() <= REACH and (made.xy == again.xy).all()
    assert made.is_curve == (kind in CURVES)
    if not made.is_curve:
        assert abs(int(made.labels.sum()) - count / 2) < max(2, count / 5)


def test_without_noise_the_classes_are_where_they_belong() -> None:
    xor = make("XOR", count=300, noise=0, seed=1)
    assert ((xor.xy[:, 0] * xor.xy[:, 1] > 0) == (xor.labels == 1)).all()
    rings = make("circles", count=300, noise=0, seed=1)
    assert ((np.hypot(*rings.xy.T) > 2.6) == (rings.labels == 1)).all()


def test_a_split_takes_every_point_once_and_leaves_one_to_train_on() -> None:
    points = make("moons", count=100, noise=0, seed=1)
    train, test = split(points, 0.3, 1)
    assert (len(train), len(test)) == (70, 30)
    assert {tuple(xy) for xy in np.concatenate([train.xy, test.xy]).tolist()} == {
        tuple(xy) for xy in points.xy.tolist()
    }
    assert len(split(tapped([(0, 0, 0)]), 0.9, 1)[0]) == 1
    assert len(split(tapped([]), 0.5, 1)[0]) == 0


def test_taps_have_as_many_classes_as_were_tapped() -> None:
    points = tapped([(0, 0, 0), (1, 1, 3), (9, -9, 1)])
    assert points.names == ("A", "B", "C", "D") and np.abs(points.xy).max() <= REACH
    with pytest.raises(ValueError, match="no class"):
        Points(points.xy, points.labels, ("A", "B"))
    with pytest.raises(ValueError, match="finite"):
        Points(points.xy * np.nan, points.labels, points.names)


@pytest.mark.parametrize(
    "text",
    [
        "x,y,kind\n1,2,a\n3,4,b\n5,6,a\n",
        "1;2;a\n3;4;b\n5;6;a\n",
        "\ufeff1\t2\ta\r\n3\t4\tb\r\n5\t6\ta",
        "1,5;2;a\n3;4;b\n5;6;a",
    ],
)
def test_a_csv_file_gives_its_points(text: str) -> None:
    points, said = from_csv(text.encode())
    assert points.names == ("a", "b") and points.labels.tolist() == [0, 1, 0] and "3 points" in said
    assert points.xy.min() == -5 and points.xy.max() == 5


def test_of_a_hundred_thousand_points_some_are_taken_and_it_is_said() -> None:
    dice = np.random.default_rng(0)
    lines = "".join(f"{x:.3f},{y:.3f},{'ab'[int(x > y)]}\n" for x, y in dice.normal(size=(100_000, 2)).tolist())
    points, said = from_csv(lines.encode())
    assert len(points) == MAX_POINTS and "100,000" in said and f"{MAX_POINTS:,}" in said


@pytest.mark.parametrize(
    ("data", "about"),
    [
        (b"", "No points"),
        (b"a,b,c\nd,e,f\n", "No points"),
        (b"1,2\n3,4\n", "No points"),
        (b"1,2,a\n3,4,a\n", "one class"),
        (b"nan,1,a\ninf,2,b\n", "No points"),
        ("".join(f"{n},1,{n}\n" for n in range(50)).encode(), "different classes"),
        (b"1" * (MAX_CSV_BYTES + 1), "MB"),
        (b"\xff\xfe\x00\x01" * 50, "No points"),
    ],
)
def test_a_file_without_points_is_refused_in_words(data: bytes, about: str) -> None:
    with pytest.raises(BadInput, match=about):
        from_csv(data)
