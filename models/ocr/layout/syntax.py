"""What gives lines away as a program, a query, settings or a traceback: the forms of their languages, line by line."""

import re
from collections.abc import Sequence

# Seldom outside of programs, one a line.
STRONG_FORMS = re.compile(
    "|".join(
        (
            r"[{};]$",  # C, Java, JavaScript, CSS, SQL's last line
            r"^[}\])]",
            r"\w\(.*\)[:;,{]?$|\(\)|^[\w.]+\($",  # a call
            r"\w\[[\w\"':.-]+\]",
            r"[!=<>]=|\w [-+*/|&]?= \S|^[\w.\"'-]+ ?[-+*/:]?= ?\S|->|=>|::|&&|\|\|",
            r"^</?\w[^>]*>|</\w+>$|^<!--",
            r"^\"[^\"]+\" ?:|[\"')] ?:( ?[\"'(\[{]|$)|\w:[\"'(\[{]",  # JSON
            r"^\[+[\w.:/ -]+\]+$",  # INI, TOML
            r"^(- )?[a-z_][\w.-]*:( \S+){0,2}$|^- ([\w./*@-]+|\"[^\"]*\")$",  # YAML
            r"^(async )?(def|class|fn|func|function|struct|interface) \w+ ?[(:{<]",
            r"^(from [\w.]+ )?import [\w.*{(, ]+$|^#include\b|^package [\w.]+;?$|^using [\w.]+;$|^@\w+(\(.*\))?$",
            r"^(el)?if .*:$|^(else|try|finally|except.*|for .* in .*|while .*|with .*):$",
            r"^return( [\w.\"'\[\](){},+*/ -]{1,40})?$|^raise \w+|^yield \w+$|^(pass|break|continue|end|fi|done)$",
            r"^Traceback \(most|^File \".*\", line \d+|^[\w.]*(Error|Exception|Warning|Interrupt)(: |$)",
            r"^at [\w.$<>]+\(.*\)$|^Caused by: ",  # Java
        )
    )
)
WEAK_FORMS = re.compile(
    r"\w\(|^[\w.\"'\[\]()*&-]+,?$|,$|:$|^[fbru]?[\"'].*[\"'][,)]*$|\w\.\w+\(|^(const|let|var|if|for|elif)\b"
)
COMMENT = re.compile(r"^(#|//|/\*|\*/?|--)(?=\s|\w|$)")
QUERY = re.compile(
    r"^(select( distinct)? [\w.*]+ ?([,(]|$| from | as )|insert into \w|update \w+( \w+)?( set .*)?$|delete from \w|"
    r"create (table|view|index|unique|or|database)\b|alter table|with \w+ as ?\()",
    re.IGNORECASE,
)
CLAUSE = re.compile(
    r"^(select|insert into|update|delete from|create|alter table|from|((inner|left|right|full|cross|outer) )*join|"
    r"where|group by|order by|having|limit|union|values|set|and|or|on|primary key|case|when|end)\b",
    re.IGNORECASE,
)
PLAIN_WORD = re.compile(r"[(\"'“‘]?[^\W\d_]+(['’-][^\W\d_]+)*[.,;:!?)\"'”’]*$")
MIN_PROSE_WORDS = 5  # plain ones in a row make a line prose, however it ends


def score(texts: Sequence[str], indents: Sequence[int]) -> float:
    """0..1: how much lines are a program. `indents` in letters, as `code.starts` has them."""
    if len(texts) < 2:
        return 0.0
    queried = any(QUERY.match(text) for text in texts) and sum(bool(CLAUSE.match(text)) for text in texts) >= 2
    comments = [bool(COMMENT.match(text)) for text in texts]
    prose = [_is_prose(text) and not comment for text, comment in zip(texts, comments, strict=True)]
    strong = [
        not talk and bool(STRONG_FORMS.search(text) or (queried and CLAUSE.match(text)))
        for text, talk in zip(texts, prose, strict=True)
    ]
    weak = [not talk and bool(WEAK_FORMS.search(text)) for text, talk in zip(texts, prose, strict=True)]
    share = sum(a or b for a, b in zip(strong, weak, strict=True)) / len(texts)
    if sum(strong) < max(1, 0.25 * (len(texts) - sum(comments))):
        return 0.3 * share
    formal = sum(a or b or c for a, b, c in zip(strong, weak, comments, strict=True)) / len(texts)
    return min(1.0, formal * (1.1 if len(set(indents)) > 1 else 0.9)) * max(0.0, 1 - 1.5 * sum(prose) / len(texts))


def _is_prose(text: str) -> bool:
    """Whether most of the line is plain words."""
    words = text.split()
    plain = sum(bool(PLAIN_WORD.match(word)) for word in words)
    return plain >= MIN_PROSE_WORDS and plain >= 0.8 * len(words)
