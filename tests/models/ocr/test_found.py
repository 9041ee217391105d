"""What a visitor would copy by itself must be found as it stands, with the right thing to copy, and nothing else."""

import random

import pytest

from models.ocr.found import Found, find_all


def pairs(text: str, region: str | None = None) -> list[tuple[str, str]]:
    return [(item.text, item.value) for item in find_all(text, region)]


def kinds(text: str, region: str | None = None) -> set[str]:
    return {item.kind for item in find_all(text, region)}


@pytest.mark.parametrize(
    "text, found, value",
    [
        ("write to ada@example.org.", "ada@example.org", "ada@example.org"),
        ("<Ada.Lovelace+ocr@mail.example.co.uk>", "Ada.Lovelace+ocr@mail.example.co.uk", None),
        ("E-mail:ada@example.org", "ada@example.org", "ada@example.org"),
        ("mailto:ada@example.org", "ada@example.org", "ada@example.org"),
        ("(e-post: ada@example.se)", "ada@example.se", "ada@example.se"),
    ],
)
def test_email(text: str, found: str, value: str | None) -> None:
    assert pairs(text) == [(found, value or found)]
    assert kinds(text) == {"E-mail"}


@pytest.mark.parametrize(
    "text, found, value",
    [
        ("see https://example.org/a?b=c.", "https://example.org/a?b=c", "https://example.org/a?b=c"),
        ("http://example.org:8080/x_(y)", "http://example.org:8080/x_(y)", "http://example.org:8080/x_(y)"),
        ("https://en.wikipedia.org/wiki/Help:Contents", "https://en.wikipedia.org/wiki/Help:Contents", None),
        ("www.example.org", "www.example.org", "https://www.example.org"),
        ("Web:www.example.se/om-oss", "www.example.se/om-oss", "https://www.example.se/om-oss"),
        ("read example.com, then", "example.com", "https://example.com"),
        ("EXAMPLE.COM", "EXAMPLE.COM", "https://EXAMPLE.COM"),
        ("github.rs/x", "github.rs/x", "https://github.rs/x"),
        ("//example.org/x", "//example.org/x", "https://example.org/x"),
        ("streamlit.app", "streamlit.app", "https://streamlit.app"),
    ],
)
def test_link(text: str, found: str, value: str | None) -> None:
    assert pairs(text) == [(found, value or found)]
    assert kinds(text) == {"Link"}


NO_LINK = (
    "main.py|lib.rs|README.md|file.name|run.sh|the end.It was|z.B. d.h. t.ex. e.g. i.e.|javascript:alert(1)|a@b"
    "|@ada|12.50|3.se|www. example .com|192.168.1.1|http://|and/or"
)


@pytest.mark.parametrize("text", NO_LINK.split("|"))
def test_no_link(text: str) -> None:
    assert pairs(text) == []


@pytest.mark.parametrize(
    "written",
    [
        "2026-11-20|2026/11/20|2026.11.20|20.11.2026|20. 11. 2026|20/11/2026|11/20/2026|20-11-2026|20.11.26",
        "Nov 20, 2026|November 20th, 2026|Nov. 20 2026|NOV 20,2026|20 November 2026|20th of November 2026|20-Nov-2026",
        "20 nov. 2026|20 november, 2026|20NOV2026|20. November 2026|20. Nov. 2026|20\N{NO-BREAK SPACE}Nov 2026",
    ],
)
def test_date_in_its_many_forms(written: str) -> None:
    for text in written.split("|"):
        (item,) = find_all(f"Datum: {text}.")
        assert (item.kind, item.text, item.value) == ("Date", text, "2026-11-20")


MONTHS = [
    "January januari Januar jan Jänner",
    "February februari Februar feb",
    "March mars März Mrz mar",
    "April apr",
    "May maj Mai",
    "June juni Juni jun",
    "July juli jul",
    "August augusti aug",
    "September sep Sept",
    "October oktober okt oct",
    "November nov",
    "December december Dezember dez dec",
]


@pytest.mark.parametrize("number, names", list(enumerate(MONTHS, 1)))
def test_months_in_english_swedish_and_german(number: int, names: str) -> None:
    for name in names.split():
        assert pairs(f"{name} 3, 2025") == [(f"{name} 3, 2025", f"2025-{number:02}-03")]
        assert [value for _, value in pairs(f"3. {name.upper()} 2025")] == [f"2025-{number:02}-03"]


@pytest.mark.parametrize("text", ["03/04/2026", "3-4-2026", "12/01/19", "25/12/18"])
def test_a_date_that_can_be_read_in_two_ways_is_copied_as_it_stands(text: str) -> None:
    assert pairs(text) == [(text, text)]
    assert kinds(text) == {"Date"}


@pytest.mark.parametrize(
    "text, value", [("05/05/2026", "2026-05-05"), ("03.04.2026", "2026-04-03"), ("29.2.2024", "2024-02-29")]
)
def test_a_date_with_one_meaning(text: str, value: str) -> None:
    assert pairs(text) == [(text, value)]


NO_DATE = (
    "2026-02-30|29.02.2026|31/11/2026|13/13/2026|00/10/2026|2026-00-10|April 31, 2026|0 May 2026|192.168.10.20"
    "|1.20.11.2026|2026-11-20-5|20/11/0026|120 nov 2026|nov 2026|20 november|mayor 20, 2026|20 offmay 2026"
    "|20. 11.\n2026|99/99/99|v1.2.2026.3"
)


@pytest.mark.parametrize("text", NO_DATE.split("|"))
def test_no_date(text: str) -> None:
    assert "Date" not in kinds(text)


@pytest.mark.parametrize(
    "text, value",
    [
        ("€ 12,50", "12.50 EUR"),
        ("12,50 €", "12.50 EUR"),
        ("12,50 Euro", "12.50 EUR"),
        ("EUR 12.50", "12.50 EUR"),
        ("12.50EUR", "12.50 EUR"),
        ("1.234,56 EUR", "1234.56 EUR"),
        ("1 234 567,8 EUR", "1234567.8 EUR"),
        ("1.234 EUR", "1234 EUR"),
        ("£5", "5 GBP"),
        ("$1,234.56", "1234.56 $"),
        ("US$3", "3 USD"),
        ("-$5.00", "-5.00 $"),
        ("$-5.00", "-5.00 $"),
        ("−12,50 €", "-12.50 EUR"),
        ("CHF 1'234.50", "1234.50 CHF"),
        ("RM 9.00", "9.00 MYR"),
        ("RM9.00", "9.00 MYR"),
        ("99 kr", "99 kr"),
        ("kr 99,50", "99.50 kr"),
        ("12\N{NO-BREAK SPACE}500 kronor", "12500 kr"),
        ("SEK 1 000 000,00", "1000000.00 SEK"),
        ("¥500", "500 ¥"),
        ("₹ 1,500", "1500 INR"),
        ("49,99 zł", "49.99 PLN"),
    ],
)
def test_amount(text: str, value: str) -> None:
    assert pairs(f"total {text}, paid") == [(text, value)]
    assert kinds(text) == {"Amount"}


@pytest.mark.parametrize(
    "text, values",
    [
        ("1 RM 9.00", ["9.00 MYR"]),  # one piece, nine ringgit
        ("RM 9.00 RM 8.00", ["9.00 MYR", "8.00 MYR"]),
        ("5–10 €", ["10 EUR"]),
        ("5-10 €", ["10 EUR"]),
        ("5 €/kg", ["5 EUR"]),
        ("99 kr\n100 kr", ["99 kr", "100 kr"]),
    ],
)
def test_amounts_among_others(text: str, values: list[str]) -> None:
    assert [value for _, value in pairs(text)] == values


NO_AMOUNT = (
    "100 km|12.50|50 %|1,234,56 €|1.234.56 €|1,2345 €|0.125 €|1.2.3 €|ARM 9|5 RMB|$x|€|kr|5 krona|A4|x5 €5x|12\n€"
)


@pytest.mark.parametrize("text", NO_AMOUNT.split("|"))
def test_no_amount(text: str) -> None:
    assert pairs(text) == []


@pytest.mark.parametrize(
    "text, found, value",
    [
        ("call +46 70 123 45 67!", "+46 70 123 45 67", "+46 70 123 45 67"),
        ("+46 (0)70-123 45 67", "+46 (0)70-123 45 67", "+46 70 123 45 67"),
        ("+16502530000", "+16502530000", "+1 650-253-0000"),
        ("0046 70 123 45 67", "0046 70 123 45 67", "+46 70 123 45 67"),
        ("Tel: 070-123 45 67", "070-123 45 67", "0701234567"),
        ("TEL : 03-1234 5678", "03-1234 5678", "0312345678"),
        ("Phone no. (555) 123-4567", "(555) 123-4567", "5551234567"),
        ("tel/fax: 08-123 456 78", "08-123 456 78", "0812345678"),
        ("H/P 012-345 6789", "012-345 6789", "0123456789"),
    ],
)
def test_phone_that_says_it_is_one(text: str, found: str, value: str) -> None:
    assert pairs(text) == [(found, value)]
    assert kinds(text) == {"Phone"}


@pytest.mark.parametrize(
    "text, region, value",
    [
        ("070-123 45 67", "SE", "+46 70 123 45 67"),
        ("0701234567", "se", "+46 70 123 45 67"),
        ("Tel: 070-123 45 67", "SE", "+46 70 123 45 67"),
        ("(650) 253-0000", "US", "+1 650-253-0000"),
        ("030 123456", "DE", "+49 30 123456"),
    ],
)
def test_phone_of_a_region(text: str, region: str, value: str) -> None:
    assert [found for _, found in pairs(text, region)] == [value]


NO_PHONE = (
    "12345678|6502530000|20261120|2026-11-20 12:30|SE45 5000 0000 0583 9825 7466|4111 1111 1111 1111"
    "|4111111111111111|hotel: 123456|tel: 12|+1|+99999999999|1 2 3 4 5 6 7 8|5901234123457"
    "|070 123 45 67 89 01 23 45 67|12 500,00"
)


@pytest.mark.parametrize("region", [None, "SE", "US", "no such place"])
@pytest.mark.parametrize("text", NO_PHONE.split("|"))
def test_no_phone(text: str, region: str | None) -> None:
    assert "Phone" not in kinds(text, region)


def test_without_a_region_a_national_number_alone_may_be_anything() -> None:
    assert pairs("070-123 45 67 (650) 253-0000") == []


RECEIPT = """Café Ljuset AB, www.cafeljuset.se
Org.nr 556677-8899  Tel: 08-123 456 78
2026-11-20 12:31   Kvitto 000123456
2 Kaffe        70,00 kr
Totalt SEK 70,00 moms 12 %
Frågor? hej@cafeljuset.se eller +46 70 123 45 67"""


def test_a_receipt() -> None:
    def found(kind: str, text: str, value: str) -> Found:
        start = RECEIPT.index(text)
        return Found(kind, text, value, start, start + len(text))

    assert find_all(RECEIPT) == [
        found("Link", "www.cafeljuset.se", "https://www.cafeljuset.se"),
        found("Phone", "08-123 456 78", "0812345678"),
        found("Date", "2026-11-20", "2026-11-20"),
        found("Amount", "70,00 kr", "70.00 kr"),
        found("Amount", "SEK 70,00", "70.00 SEK"),
        found("E-mail", "hej@cafeljuset.se", "hej@cafeljuset.se"),
        found("Phone", "+46 70 123 45 67", "+46 70 123 45 67"),
    ]


@pytest.mark.parametrize("text", ["", " ", "\n", "\0", "\ud800", "١٢/٠٣/٢٠٢٦", "a" * 5000, "🙂@🙂.🙂 €🙂"])
def test_odd_text(text: str) -> None:
    find_all(text, "SE")


@pytest.mark.parametrize("seed", range(20))
def test_what_is_found_stands_in_the_text_in_order_and_apart(seed: int) -> None:
    chance = random.Random(seed)
    scraps = f"{RECEIPT} +46 070- 20.11. 2026 nov Nov, € EUR $ 1,234.56 RM @ . / : tel www. http:// -5 ( )".split()
    text = "".join(chance.choice(scraps) + chance.choice(["", " ", "\n"]) for _ in range(200))
    for region in (None, "SE"):
        at = 0
        for item in find_all(text, region):
            assert at <= item.start < item.end and item.text == text[item.start : item.end] and item.value
            at = item.end


@pytest.mark.timeout(30)  # a square of the length would take minutes
@pytest.mark.parametrize("unit", ["1", "a.", "1 ", "a@", "http://", "(1", "tel ", "1,234", "may 1 ", "$", "\n"])
def test_a_long_text_does_not_take_the_square_of_its_length(unit: str) -> None:
    text = (unit * 100_000)[:100_000]
    assert all(item.text in text for item in find_all(text))
