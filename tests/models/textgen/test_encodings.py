"""Text files are read in the encoding that they are in, whole, cut or damaged."""

import pytest

from models.textgen.encodings import decoded

# Written for this test.
TEXTS = {
    "English": "“It’s fine,” she said – and left… Nobody knew where she had gone, or why. “Wait!”",
    "German": "Die Bären fressen süße Äpfel, größer als Nüsse, und schlafen früh. Übermorgen gibt es Klöße.",
    "French": "L’été où la forêt brûlait, nous étions déjà loin; ça, le garçon l’a répété à son père, très ému.",
    "Spanish": "¿Dónde está el niño? Mañana irá al jardín con su tía, aunque él prefería la montaña.",
    "Polish": "Zażółć gęślą jaźń. Wczoraj wieczorem poszliśmy nad rzekę, a łódź już odpłynęła w ciemność.",
    "Czech": "Příliš žluťoučký kůň úpěl ďábelské ódy, zatímco děti běžely kolem řeky a hledaly míč.",
    "Russian": "Вчера вечером мы долго гуляли у реки и говорили о том, что будет завтра. Потом пошёл дождь.",
    "Ukrainian": "Учора ввечері ми довго гуляли біля річки й говорили про те, що їх чекає. Потім пішов дощ.",
    "Greek": "Χθες το βράδυ περπατήσαμε κοντά στο ποτάμι και μιλούσαμε για όσα θα έρθουν αύριο.",
    "Turkish": "Dün akşam ırmağın kıyısında uzun uzun yürüdük, yarın ne olacağını konuştuk. Sonra yağmur başladı.",
    "Hebrew": "אתמול בערב הלכנו לאורך הנהר ודיברנו על מה שיהיה מחר. אחר כך ירד גשם.",
    "Hebrew names": "אל־ג׳בל אל־אח׳דר ואל־פיום",
    "Arabic": "مشينا مساء أمس على ضفة النهر وتحدثنا عما سيحدث غدا، ثم نزل المطر.",
    "Japanese": "昨日の夜、川のほとりを長い間歩きながら、明日のことを話しました。それから雨が降りました。",
    "Chinese": "昨天晚上我们在河边走了很久，谈到明天会发生什么。后来下雨了，我们就回家了。",
    "Taiwanese": "昨天晚上我們在河邊走了很久，談到明天會發生什麼。後來下雨了，我們就回家了。",
    "Korean": "어제 저녁에 우리는 강가를 오래 걸으며 내일 일을 이야기했습니다. 그 뒤에 비가 왔습니다.",
}
LEGACY = [
    *((name, "cp1252") for name in ("English", "German", "French", "Spanish")),
    ("Polish", "cp1250"),
    ("Polish", "iso8859-2"),
    ("Czech", "cp1250"),
    *(("Russian", encoding) for encoding in ("cp1251", "koi8-r", "cp866")),
    ("Ukrainian", "koi8-u"),
    ("Greek", "cp1253"),
    ("Turkish", "cp1254"),
    ("Hebrew", "cp1255"),
    ("Hebrew names", "cp1255"),
    ("Arabic", "cp1256"),
    *(("Japanese", encoding) for encoding in ("shift-jis", "euc-jp")),
    *(("Chinese", encoding) for encoding in ("gbk", "gb18030")),
    ("Taiwanese", "big5"),
    ("Korean", "euc-kr"),
]
UNICODE = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"]


@pytest.mark.parametrize("encoding", UNICODE)
def test_unicode_with_and_without_its_mark(encoding: str) -> None:
    for text in TEXTS.values():
        assert decoded(text.encode(encoding))[::2] == (text, 0)


@pytest.mark.parametrize(("name", "encoding"), LEGACY)
def test_what_was_usual_before_unicode(name: str, encoding: str) -> None:
    for text in (TEXTS[name], f"Report 7, page 1: see the file.\n{TEXTS[name]}\n"):
        assert decoded(text.encode(encoding))[::2] == (text, 0)


@pytest.mark.parametrize(
    ("name", "encoding"),
    [
        *(("Japanese", encoding) for encoding in ("utf-8", "utf-16", "utf-16-le", "utf-32", "shift-jis", "euc-jp")),
        ("Chinese", "gbk"),
        ("Taiwanese", "big5"),
        ("Korean", "euc-kr"),
    ],
)
def test_half_a_character_at_the_end_is_left_out(name: str, encoding: str) -> None:
    text = TEXTS[name].rstrip(".。")
    assert decoded(text.encode(encoding)[:-1])[::2] == (text[:-1], 0)


@pytest.mark.parametrize("cut", ["“", "ã", "—", "😀"])
def test_an_english_text_that_was_cut_inside_its_only_other_character(cut: str) -> None:
    data = b"The end of the line, she said" + cut.encode()
    for end in range(1, len(cut.encode())):
        assert decoded(data[:-end])[0] == "The end of the line, she said"


def test_a_word_that_ends_in_the_only_accent_is_no_cut_one() -> None:
    assert decoded("Meet me at the café".encode("cp1252"))[:2] == ("Meet me at the café", "cp1252")


@pytest.mark.parametrize("name", ["German", "Russian", "Chinese"])
def test_damaged_bytes_cost_no_more_than_themselves(name: str) -> None:
    data = TEXTS[name].encode()
    middle = next(at for at in range(len(data) // 2, len(data)) if data[at] < 0x80 or data[at] >= 0xC0)
    text, encoding, damaged = decoded(data[:middle] + b"\xff" + data[middle:])
    assert (text, encoding, damaged) == (TEXTS[name], "utf-8", 1)


def test_one_damaged_byte_in_a_text_of_two_byte_characters() -> None:
    data = TEXTS["Japanese"].encode("euc-jp")
    text, encoding, damaged = decoded(data[:40] + b"\xff" + data[40:])
    assert (text, encoding, damaged) == (TEXTS["Japanese"], "euc-jp", 1)


def test_ascii_and_nothing() -> None:
    assert decoded(b"") == ("", "utf-8", 0)
    assert decoded(b"plain\r\n") == ("plain\r\n", "utf-8", 0)
