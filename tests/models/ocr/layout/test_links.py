import pytest

from models.ocr.found import find_all
from models.ocr.layout.arrange import arrange, arrange_best
from models.ocr.layout.links import continued
from tests.models.ocr.layout.laid_out import column

WHOLE = {
    "behind a slash": (
        [
            "For the full report please go to https://files.example.org/reports/2026/",
            "autumn/final-version_3.pdf today",
        ],
        "https://files.example.org/reports/2026/autumn/final-version_3.pdf",
    ),
    "behind its query's equals sign": (
        ["Join the meeting: https://meet.example.com/j/98231?pwd=", "aGVsbG8gd29ybGQ&lang=en_GB and wait there"],
        "https://meet.example.com/j/98231?pwd=aGVsbG8gd29ybGQ&lang=en_GB",
    ),
    "over three lines": (
        ["see https://files.example.org/", "reports/2026/long-", "version_3.pdf for the rest of it."],
        "https://files.example.org/reports/2026/long-version_3.pdf",
    ),
    "before a slash": (
        ["see https://files.example.org", "/reports?id=4 or ask"],
        "https://files.example.org/reports?id=4",
    ),
    "behind its scheme": (["see https://", "www.example.org/reports or ask"], "https://www.example.org/reports"),
    "in the middle of its host": (["see https://files.exam", "ple.org/a or ask"], "https://files.example.org/a"),
    "a host with a hyphen": (
        ["write to service.desk@sub.example-", "company.org before the end of the month"],
        "service.desk@sub.example-company.org",
    ),
    "behind its at sign": (["write to anna.berg@", "example.org at once"], "anna.berg@example.org"),
    "before its ending": (["write to anna.berg@example.", "org at once"], "anna.berg@example.org"),
}
PATHS = {
    "Windows": (
        ["it writes to C:\\Program Files\\Acme Tools\\logs\\", "install-2026.log and goes on"],
        "C:\\Program Files\\Acme Tools\\logs\\install-2026.log",
    ),
    "before a backslash": (["it is C:\\Acme Tools", "\\logs\\a.log and goes on"], "C:\\Acme Tools\\logs\\a.log"),
    "behind a hyphen": (["it is D:\\logs\\install-", "2026.log and goes on"], "D:\\logs\\install-2026.log"),
    "Unix": (["it is in /usr/local/share/", "acme-tools/run.conf as usual"], "/usr/local/share/acme-tools/run.conf"),
}


@pytest.mark.parametrize("case", WHOLE)
def test_a_link_is_whole_and_found_so(case: str) -> None:
    lines, link = WHOLE[case]
    for arranged in (
        arrange_best(column(lines)),
        arrange(column(lines), "As it is"),
        arrange(column(lines), "One line"),
    ):
        assert [found.text for found in find_all(arranged.text)] == [link]


@pytest.mark.parametrize("case", PATHS)
def test_a_path_is_whole(case: str) -> None:
    lines, path = PATHS[case]
    assert path in arrange_best(column(lines)).text and path in arrange(column(lines), "As it is").text


@pytest.mark.parametrize(
    "lines",
    [
        ["see https://example.org/reports/", "and wait for an answer"],
        ["see https://example.org/", "today or ask"],
        ["see https://example.org/report.pdf", "before the end"],
        ["see https://example.org/report", "https://example.org/other"],
        ["write to anna@example.org", "or ask"],
        ["write to anna@example.org.", "Then wait"],
        ["it is in C:\\Program", "Files\\Acme"],
        ["cp /var/log/app.log", "/tmp/a"],
        ["either read it and/", "or write"],
        ["the engi-", "neers"],
    ],
)
def test_what_ends_with_its_line_does_not_go_on(lines: list[str]) -> None:
    assert continued(lines) == [False, False]
