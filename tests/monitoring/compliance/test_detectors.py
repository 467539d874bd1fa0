"""What is found: the evaluation set, accidents and tricks of writing, overlaps, hostile texts."""

from __future__ import annotations

import random
import time
import unicodedata
from pathlib import Path

import pytest

from macae.errors import InvalidInput
from macae.evals.piitexts import evaluate_pii, load_texts
from macae.monitoring.compliance import Finding
from macae.monitoring.compliance.context import WordList
from macae.monitoring.compliance.detecting import ENTITIES, Patterns, Search
from macae.monitoring.compliance.findings import merged
from macae.monitoring.compliance.numbers import is_card, is_iban
from macae.monitoring.compliance.placeholders import FORMS

EVERY = frozenset(ENTITIES)
LEAST = 0.97


@pytest.fixture(scope="module")
def search() -> Search:
    return Search([Patterns()])


def found(search: Search, text: str) -> list[tuple[str, str]]:
    return [(f.entity, text[f.start : f.end]) for f in search.find(text, EVERY)]


@pytest.mark.parametrize("kind", ["sk_live", "sk_test", "rk_live", "rk_test"])
def test_both_kinds_of_stripes_keys_are_found(search: Search, kind: str) -> None:
    key = (
        f"{kind}_" + "a1B2c3D4e5F6"
    )  # made up, and in two pieces: no scanner is to take this file for a leak
    assert found(search, f"pay with {key}, please") == [("API_KEY", key)]


@pytest.mark.parametrize("split", ["tune", "test"])
def test_precision_and_recall(split: str) -> None:
    texts = [text for text in load_texts() if text.split == split]
    report = evaluate_pii(texts)
    assert report.texts >= 100 and 0.4 <= report.clean / report.texts <= 0.6
    assert {score.entity for score in report.scores if score.right} == EVERY
    assert report.total.precision is not None and report.total.precision >= LEAST, report.mistakes
    assert report.total.recall is not None and report.total.recall >= LEAST, report.mistakes
    for score in report.scores:
        assert (score.recall or 0) >= 0.9 and (score.precision or 0) >= 0.9, score


def test_the_set_is_read_strictly(tmp_path: Path) -> None:
    file = tmp_path / "texts.yaml"
    file.write_text("- {id: a, split: test, text: 'x <<EMAIL|a@b.org>>'}", encoding="utf-8")
    with pytest.raises(InvalidInput, match=r"Text a in .* marks 'EMAIL'"):
        load_texts(file)


CARD = "4111111111111111"


@pytest.mark.parametrize(
    "text",
    [
        "4111 1111 1111 1111", "4111-1111-1111-1111", "4111–1111–1111–1111", "4111\u00a01111\u202f1111\u20091111",
        "４１１１１１１１１１１１１１１１", "٤١١١ ١١١١ ١١١١ ١١١١", "4111\u200b1111\u200b1111\u200b1111", "41\u00ad11 1111 1111 1111",
        "4111 1111 1111 1111 123", "4111111111111111 12/27", '{"text": "card:\\n4111111111111111"}', "4111.1111.1111.1111",
    ],
)  # fmt: skip
def test_a_card_however_it_is_written(search: Search, text: str) -> None:
    around = f"Pay with {text} please."
    entities = search.find(around, frozenset({"CREDIT_CARD"}))
    assert len(entities) == 1
    (one,) = entities
    digits = "".join(str(unicodedata.digit(sign)) for sign in around[one.start : one.end] if sign.isdigit())
    assert digits.startswith(CARD) and len(digits) < 20


@pytest.mark.parametrize(
    "text", ["anna@contoso.com", "anna%40contoso.com", "anna&#64;contoso.com", "anna&#x40;contoso.com", "anna&commat;contoso.com",
             "anna (at) contoso (dot) com", "anna[at]contoso.com", "ａｎｎａ＠contoso.com", "an\u200bna@con\u2060toso.com", "anna\\u0040contoso.com"]
)  # fmt: skip
def test_an_address_however_it_is_written(search: Search, text: str) -> None:
    around = f"Write to {text}, please. "
    assert found(search, around) == [("EMAIL_ADDRESS", text)]


def test_places_lead_back_to_the_text_as_it_was(search: Search) -> None:
    text = "A\u200bB &#64; 100%40 %20x: anna%40contoso.com, \u200b4111\u200b1111 1111 1111\u200b and lee&#64;x.org."
    assert found(search, text)[-3:] == [
        ("EMAIL_ADDRESS", "anna%40contoso.com"),
        ("CREDIT_CARD", "4111\u200b1111 1111 1111\u200b"),
        ("EMAIL_ADDRESS", "lee&#64;x.org"),
    ]


def test_check_digits() -> None:
    assert is_card(CARD) and not any(is_card(f"{CARD[:-1]}{digit}") for digit in "023456789")
    assert not is_card("1234567812345670"), "Luhn alone is not enough: no network has such numbers"
    assert not is_card("0" * 16)
    assert is_iban("DE89370400440532013000") and not is_iban("DE88370400440532013000")
    assert not is_iban("DE8937040044053201300"), "too short for Germany"


def test_overlaps_are_joined_and_nothing_is_left_bare() -> None:
    joined = merged(
        [Finding("A", 0, 5, 0.5), Finding("B", 3, 9, 0.9), Finding("C", 9, 12), Finding("D", 4, 6, 0.1)]
    )
    assert joined == [Finding("B", 0, 9, 0.9), Finding("C", 9, 12)]


def test_own_placeholders_and_markers_are_no_findings(search: Search) -> None:
    for entity in ENTITIES:
        form = FORMS.get(entity, lambda n, entity=entity: f"{entity}_{n}")
        for number in (1, 37, 240, 4711):
            name = form(number)
            for around in (
                "{}",
                "call {} or SSN {}",
                "password: {}",
                "AccountKey={}",
                "born on {}",
                "MRN {}",
                "passport {}",
                "key = {}",
            ):
                assert not found(search, around.replace("{}", name)), (name, around)
    assert not found(search, "password=[REDACTED:PASSWORD], key: [REDACTED:API_KEY]")


def test_words_of_ones_own() -> None:
    words = Search([WordList({"PROJECT": ("Blue Heron", "X-17")})])
    text = "BLUE  heron and x-17, not Blueheron, X-170 or blue herons. Blue\nHeron!"
    assert [text[f.start : f.end] for f in words.find(text, frozenset({"PROJECT"}))] == [
        "BLUE  heron",
        "x-17",
        "Blue\nHeron",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Acrobat 21.7.20.99 crashes, 21.7.20.101 does not", "upgrade from 2.4.1.0 to 2.4.1.3", "version 93.184.216.34", "lib==2.10.0.117",
        "Part 412-68-0930 replaces 412-68-0920", "Zeichnungsnummer 0221-4710821", "lot 415-555-2671", "GTIN 00614141123452",
        "from 01 990 000 to 2 150 000 euros", "customs MRN 31DE586100000123B7", "passport (2031) rules", "ghp_" + "x" * 36,
        "password Office365 is not synced", "The password SHA-256 hash is stored", "password for the portal is case-sensitive",
        'password=self.config["db"]', "f(password=db_password)", "pass = 0.85, fail = 0.15", "https://anna@contoso.com/path", "scp x.txt deploy@web.contoso.com:~/in",
    ],
)  # fmt: skip
def test_what_only_looks_like_something(search: Search, text: str) -> None:
    assert not found(search, text)


@pytest.mark.parametrize(
    ("text", "entity", "value"),
    [
        ("login from 3.15.20.9 failed", "IP_ADDRESS", "3.15.20.9"),
        ("18.4.1.200 - - [14/Mar/2031:10:20:30] GET /", "IP_ADDRESS", "18.4.1.200"),
        ("nginx (18.4.1.200:8080) answers", "IP_ADDRESS", "18.4.1.200"),
        ("ssh root@93.184.216.34", "IP_ADDRESS", "93.184.216.34"),
        ("deploy the release to 93.184.216.34", "IP_ADDRESS", "93.184.216.34"),
        ("firewall rule 10.0.0.0/8", "IP_ADDRESS", "10.0.0.0"),
        ("employee 412-68-0931", "US_SSN", "412-68-0931"),
        ("SSN of part 412-68-0930", "US_SSN", "412-68-0930"),
        ("Call the customer (0221 4710821)", "PHONE_NUMBER", "0221 4710821"),
        ("Handy vom Chef: 015228817386", "PHONE_NUMBER", "015228817386"),
        ("user ann, password hunter22", "PASSWORD", "hunter22"),
        ("Use the password Kranich!4471", "PASSWORD", "Kranich!4471"),
        ("Das Passwort für das WLAN lautet Gast2031", "PASSWORD", "Gast2031"),
        ("jdbc:mysql://db/x?user=a&password=Geheim99&ssl=true", "PASSWORD", "Geheim99"),
        ("pw: Sommer2031", "PASSWORD", "Sommer2031"),
        ("curl -u admin:S3cret99 https://x.example", "PASSWORD", "S3cret99"),
        ("<password>hunter2</password>", "PASSWORD", "hunter2"),
        ("https://3f9a0b1c2d3e4f5061728394a5b6c7d8@o12.example/5", "API_KEY", "3f9a0b1c2d3e4f5061728394a5b6c7d8"),
        ("api key for the staging is 9f8e7d6c5b4a39281706", "API_KEY", "9f8e7d6c5b4a39281706"),
        ("refresh_token: abcDEF123456ghijkl7890", "ACCESS_TOKEN", "abcDEF123456ghijkl7890"),
        ("née à Lyon le 12 février 1988", "BIRTH_DATE", "12 février 1988"),
        ("Steuernummer 12/345/67890", "ID_NUMBER", "12/345/67890"),
        ("Anna Keller, 756.9217.0769.85, Zürich", "ID_NUMBER", "756.9217.0769.85"),
        ("Anna Keller (7569217076985)", "ID_NUMBER", "7569217076985"),
        ("J. Reed AB 12 34 56 C starts Monday", "ID_NUMBER", "AB 12 34 56 C"),
        ("patient record no. PR-2031-55871", "MEDICAL_RECORD", "PR-2031-55871"),
    ],
)  # fmt: skip
def test_what_looks_alike_and_is_something(search: Search, text: str, entity: str, value: str) -> None:
    assert found(search, text) == [(entity, value)]


@pytest.mark.parametrize(
    "text",
    [
        "756.9217.0769.84",  # a wrong check digit
        "0756.9217.0769.85",
        "7,569,217,076,985 rows",
        "GB 12 34 56 C",  # a prefix that is never given
        "part AB 12 34 56 C",
        "AB 12 34 56 E",
        "AB123456C",
    ],
)
def test_what_looks_like_a_national_number_and_is_none(search: Search, text: str) -> None:
    assert found(search, text) == []


HOSTILE = (
    "756.", "7569217", "AB 12 ",
    "1", "1 ", "1.", "0-", "4111 1111 1111 1111 ", "@", "a@", "a@a.", "1:", "::", "+1 ", "key ", "key = a1b2c3d4e5f6g7h8 ", "password: ",
    "password is ", 'password="', "sk-", "sk-a-", "eyJaaaaaaaa.", "bearer ", "-----BEGIN ", "-----BEGIN " + "PRIVATE KEY-----", "a://b:",
    "%40", "&#64;", "(at) ", "a\u200b", "４", "call at at at ", "born on 1 ", "MRN ", "DE8", "AccountKey=", "A" * 86, "ghp_", "\0",
    "password for a ", "key for a a a a a ", "PIN of 1 ", "1.2.3.4 ", "1.2.3.4-", "https://a@b.c/", "://" + "a" * 30 + "@", "ssh a@b.c ", "born in a ", "--user a:",
    "part 412-68-0930 ", "access_token ", "tel of a ", "01 990 000 ", "passwor", "ghp_" + "x" * 30,
)  # fmt: skip


def test_hostile_texts_take_a_time_in_proportion_to_their_length(search: Search) -> None:
    # 30 kB each: what grows with the square of the length would take minutes. (1 MB of the worst takes about 5 s.)
    rng = random.Random(6)
    pieces = [
        "1",
        "4",
        " ",
        "-",
        ".",
        "@",
        "a",
        "key",
        "=",
        ":",
        "+",
        "(",
        ")",
        "/",
        "password",
        "sk-",
        "\u200b",
    ]
    texts = [(piece * 30_000)[:30_000] for piece in HOSTILE] + ["".join(rng.choices(pieces, k=30_000))]
    began = time.perf_counter()
    for text in texts:
        search.find(text, EVERY)
    assert time.perf_counter() - began < 30
