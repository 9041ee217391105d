"""Of what the browser says was rubbed out, only what can be is believed."""

import pytest

from components.rubbing import cells_of

CELLS = 28


@pytest.mark.parametrize(
    ("sent", "cells"),
    [
        ({"of": "a", "cells": [0, 5]}, [0, 5]),
        ({"of": "b", "cells": [0]}, []),
        ({"of": "a", "cells": [-1, CELLS**2, 1.5, "2", None, True, 3]}, [3]),
        ({"of": "a", "cells": [0] * (CELLS**2 + 1)}, []),
        ({"of": "a", "cells": "12"}, []),
        (None, []),
        ("rubbed", []),
    ],
)
def test_only_cells_of_this_picture_are_believed(sent: object, cells: list[int]) -> None:
    assert cells_of(sent, "a", CELLS) == cells
