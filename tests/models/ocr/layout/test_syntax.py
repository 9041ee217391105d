import pytest

from models.ocr.layout import syntax
from models.ocr.layout.arrange import arrange_best
from tests.models.ocr.layout.laid_out import PROSE, column, wrapped

PROGRAMS = {
    "SQL": [
        "select o.id, c.name",
        "  from orders o",
        " inner join clients c on c.id = o.client_id",
        "   and o.paid = 0",
    ],
    "SQL in capitals": ["CREATE TABLE visits (", "  city VARCHAR(40) NOT NULL,", "  PRIMARY KEY (id)", ");"],
    "YAML": ["services:", "  web:", "    image: shop/web:1.4", "    ports:", '      - "8080:80"', "  db:"],
    "INI": ["[server]", "host = 10.0.0.7", "debug = false", "", "[paths]", "data = /srv/data"],
    "JSON": ["{", '  "tags": [', '    "a",', '    "b"', "  ],", '  "size": null', "}"],
    "CSS": [".menu li a {", "  margin: 0 auto;", "}"],
    "a traceback": [
        "Traceback (most recent call last):",
        '  File "app.py", line 12, in <module>',
        "    main()",
        "ZeroDivisionError: division by zero",
    ],
    "Python with comments": ["# sums what is there", "for value in values:", "    total += value", "return total"],
}


@pytest.mark.parametrize("case", PROGRAMS)
def test_auto_keeps_lines_and_indents(case: str) -> None:
    arranged = arrange_best(column(PROGRAMS[case]))
    assert arranged.text == "\n".join(PROGRAMS[case]) and arranged.mode == "Code"


@pytest.mark.parametrize(
    "lines",
    [
        wrapped(PROSE, 40),
        [
            "From where we sat, the river (and the old",
            "bridge) was seen; the ferry, too. And while",
            "we sat, it rained:",
        ],
        ["Order by phone", "From Monday to Friday", "Where to find us", "Select a size"],
    ],
)
def test_what_begins_with_the_words_of_programs_is_none(lines: list[str]) -> None:
    assert syntax.score(lines, [0] * len(lines)) < 0.5
