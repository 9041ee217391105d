"""Lines that begin something of their own by what they begin with: items of a list, entries of a log, turns of a chat.

A form counts where it comes back: one line that begins with a name and a colon is prose, two of four are a chat.
"""

import re
from collections.abc import Sequence

BULLET = re.compile(r"[•·▪▫◦‣●○■□▸►✓✔✗√☐☑☒◆◇*➢➤➔→★☆](?=\s|\w)|[-–—](?=\s)|[oO]\s(?=[A-Z])")
NUMBER = re.compile(
    r"(\(?\d{1,3}[.)]|\d{1,2}(\.\d{1,2})+\.?(?=\s+[^\W\d])|\(?[a-zA-Z]\)|[a-z]\.|\(?[ivx]{1,4}[.)])(?=\s|[^\W\d])"
)
COUNTED = re.compile(r"(?P<before>\(?)(?P<mark>\d{1,3}|[a-zA-Z])(?P<after>[.):]|(?=\s))\s?(?=\S)")
MIN_COUNTED = 3  # items whose numbers have only a blank behind them

# What a line begins with, and the share of lines from which it makes them records. Two lines at least.
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?"
_CLOCK = r"\d{1,2} ?[:.] ?\d\d(?: ?[:.] ?\d\d(?:[.,]\d+)?)?"
FORMS: tuple[tuple[re.Pattern[str], float], ...] = tuple(
    (re.compile(form), share)
    for form, share in (
        (rf"[\[(]?(?:\d{{4}}[-/.]\d\d?[-/.]\d\d?|\d\d?[-/.]\d\d?[-/.]\d{{2,4}}|{_MONTH} ?\d\d? ?\d\d:)", 0.2),
        (rf"[\[(]?{_CLOCK}(?![.:\d])", 0.3),
        (r"[\[(]?(?:[Il]NF[O0]|WARN(?:[Il]NG)?|ERR[O0]R|DEBUG|TRACE|FATAL|N[O0]T[Il]CE|CR[Il]T[Il]CAL)(?![^\W_])", 0.3),
        (r"(?=\S{0,40}\d)[0-9a-fA-FlO]{7,40}(?=\s)", 0.4),  # a commit; l and O are how readers take 1 and 0
        (r"\d{1,3}(?:\.\d{1,3}){3}(?![.\d])", 0.3),
        (r"(?=[^\W_])[^a-z\W][\w.’'-]*(?: [^a-z\W_][\w.’'-]*)?:(?=\s|$)", 0.15),  # a name
        (r"[<\[]?[^\W\d_][\w.’'-]*(?: [^\W_][\w.’'&/()-]*){0,3}[>\]]?:(?=\s|$|[^\W_])(?!//)", 0.4),
        (r"<\w[\w .-]*>", 0.3),
        (r"[\w.\"'-]+ ?=", 0.4),
    )
)

PROMPT = re.compile(r"(?:[$%>] (?=[a-z./~])|>>> ?\S|PS [A-Z]:\\[^>]*>|[A-Z]:\\[^>]*>|[\w.-]+@[\w.-]+:\S*[$#])")
MIN_PROMPT_SHARE = 0.15  # of the lines of a terminal session, which keeps all of them


def begins(texts: Sequence[str]) -> list[bool]:
    """Which of the lines begin a record, by the forms that they share."""
    if any(map(PROMPT.match, texts)) and sum(bool(PROMPT.match(text)) for text in texts) >= MIN_PROMPT_SHARE * len(
        texts
    ):
        return [True] * len(texts)
    found = [bool(BULLET.match(text)) for text in texts]
    for form, share in FORMS:
        matches = [bool(form.match(text)) for text in texts]
        if sum(matches) >= max(2, share * len(texts)):
            found = [a or b for a, b in zip(found, matches, strict=True)]
    for k in _counted(texts):
        found[k] = True
    return found


def _counted(texts: Sequence[str]) -> list[int]:
    """The lines whose numbers or letters count on, in one style: 1. 2. 3. or a) b) c)."""
    marks = [(k, match) for k, text in enumerate(texts) if (match := COUNTED.match(text))]
    runs: list[list[tuple[int, re.Match[str]]]] = []
    for mark in marks:
        follows = next((run for run in reversed(runs) if _follows(run[-1][1], mark[1])), None)
        if follows is None:
            runs.append([mark])
        else:
            follows.append(mark)
    least = {True: 2, False: MIN_COUNTED}
    return [k for run in runs if len(run) >= least[bool(run[0][1]["after"])] for k, _ in run]


def _follows(before: re.Match[str], after: re.Match[str]) -> bool:
    if (before["before"], before["after"]) != (after["before"], after["after"]):
        return False
    first, second = before["mark"], after["mark"]
    if first.isdigit() and second.isdigit():
        return int(second) == int(first) + 1
    return not first.isdigit() and not second.isdigit() and ord(second) == ord(first) + 1
