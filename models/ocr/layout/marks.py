"""Marks and words that tell where a sentence ends, and where it cannot."""

ENDS = ".!?:;。！？：；؟۔।…"
CLOSING = "\"'”’»)]」』）"
OPENING = "\"'“‘„«‚([「『（"
STOPS = ".!?。！？؟۔।…"
PAUSES = ",;:—–"

# Articles, prepositions, conjunctions, pronouns and forms of "to be": no line of a list ends in one.
# English; Swedish, Danish, Norwegian; German, Dutch; French, Spanish, Italian, Portuguese.
_FUNCTION_WORDS = """
a an the this that these those of to in on at by for from with without into as than and or but nor if when while
because which who whose whom where is are was were be been has have had will would can could may might must
should not no his her its their my your our he she it they we i every each any some such more most very
en ett et den det de och og eller men att at som på i av af till til för for från fra med utan om är er var har
hade inte ikke sin sitt sina hans hennes deras min din vår jag jeg du han hon hun vi ni kan ska skal vill vil
der die das dem des ein eine einen einem einer eines und oder aber dass daß als wie von vom zu zum zur mit ohne
für auf im an bei nach aus ist sind war wird werden nicht kein keine sein seine ihr ihre sich er sie es wir ich
het een van voor met zijn niet naar bij dat ik hij zij
le la les un une du et ou mais que qui dans sur par pour avec sans est sont au aux ne pas son sa ses leur il
elle nous vous je se ce cette el los las una unos y o pero del al con por para sin su sus lo gli uno di da che e
ed non per tra fra nel nella della dei delle um uma os do dos das em no na com não ao
"""
FUNCTION_WORDS = frozenset(_FUNCTION_WORDS.split())


def ended(text: str) -> bool:
    """Whether the text ends as a sentence does."""
    return text.rstrip(CLOSING)[-1:] in tuple(ENDS)


def closed(text: str) -> bool:
    """Whether the text ends with a full stop or one of its like: not with a colon or semicolon."""
    return text.rstrip(CLOSING)[-1:] in tuple(STOPS)


def is_cased(text: str) -> bool:
    """Whether any of its letters is a capital or a small one: many scripts have neither."""
    return any(letter.isupper() or letter.islower() for letter in text)


def letter_share(text: str) -> float:
    """The share of letters among its letters and figures, 0..1."""
    return sum(map(str.isalpha, text)) / max(sum(map(str.isalnum, text)), 1)
