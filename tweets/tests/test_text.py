"""The text of tweets: validation, length, links, mentions and hashtags."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.strings import ACCENTS, FAMILY, written
from tweets import text as texts


def links(text: str) -> list[str]:
    return [link.value for link in texts.parse(text).links]


# --- validation


def test_it_normalizes_to_nfc_and_strips_white_space() -> None:
    assert texts.check("\u3000\n e\u0301tude \t", may_be_blank=False) == "étude"


def test_it_keeps_spaces_and_lines_inside_the_text() -> None:
    typed = "one\r\n\r\n\r\n  two\rthree\u2028\tfour"
    assert texts.check(typed, may_be_blank=False) == "one\n\n\n  two\nthree\n\tfour"


def test_of_many_blank_lines_two_are_kept() -> None:
    assert texts.check("a" + "\n" * 495 + "b", may_be_blank=False) == "a\n\n\nb"


@pytest.mark.parametrize(
    "blank",
    ["", " \n\t", "\u3000", "\u200b\u200d\ufeff", "\u3164", "\u2800", "\u00ad", "\u2066\u2069"],
)
def test_text_without_visible_characters_is_blank(blank: str) -> None:
    assert texts.is_blank(blank)
    assert texts.check(blank, may_be_blank=True) == ""
    with pytest.raises(texts.TextBlank):
        texts.check(blank, may_be_blank=False)


@pytest.mark.parametrize("visible", ["a", ".", "\u200da", "👍", "ㅤㅤㅤx", "\u0301"])
def test_text_with_a_visible_character_is_not_blank(visible: str) -> None:
    assert not texts.is_blank(visible)


@pytest.mark.parametrize(
    "character", ["\0", "\x0b", "\x1b", "\x7f", "\x85", "\ud800", "\u202d", "\u202e"]
)
@pytest.mark.parametrize("blank", [True, False])
def test_it_refuses_control_characters_lone_surrogates_and_overrides(
    character: str, blank: bool
) -> None:
    with pytest.raises(texts.TextInvalid, match=f"{ord(character):04X}"):
        texts.check(f"ab{character}", may_be_blank=blank)


def test_it_keeps_the_direction_marks_that_right_to_left_languages_need() -> None:
    typed = "שלום \u2068@alice\u2069 \u200fעולם"
    assert texts.check(typed, may_be_blank=False) == typed


@pytest.mark.parametrize("character", ["a", "ß", "한", "👍🏽", "🇫🇷", "क्षि", "ą̊́̂"])
def test_it_stores_500_characters_of_any_kind_and_not_501(character: str) -> None:
    longest = character * texts.MAX_LENGTH
    assert texts.length(longest) == texts.MAX_LENGTH
    assert texts.check(longest, may_be_blank=False) == unicodedata.normalize("NFC", longest)
    with pytest.raises(texts.TextTooLong):
        texts.check(longest + "a", may_be_blank=False)


@pytest.mark.parametrize(
    "character", [FAMILY, ACCENTS, "👨🏻\u200d👩🏼\u200d👧🏽\u200d👦🏾", "कार्त्स्न्य"]
)
def test_its_characters_may_have_four_code_points_on_average(character: str) -> None:
    longest = character * (texts.MAX_CODE_POINTS // len(character))
    assert texts.check(longest, may_be_blank=False)
    with pytest.raises(texts.TextTooLong, match="2,000"):
        texts.check(longest + character, may_be_blank=False)


@pytest.mark.parametrize("marks", [texts.MAX_CODE_POINTS, 1_000_000])
def test_it_refuses_too_many_code_points(marks: int) -> None:
    with pytest.raises(texts.TextTooLong, match="2,000"):
        texts.check("a" + "\u0301\u0323" * (marks // 2), may_be_blank=True)


@pytest.mark.parametrize(
    "character",
    ["ก" + "\u0e33" * 400, "क्" * 200, "\u1100" * 17, "x" + "\u0301" * 99, "\u0301" * 17],
)
def test_it_refuses_a_character_of_too_many_parts(character: str) -> None:
    with pytest.raises(texts.TextInvalid, match=r"U.[0-9A-F]{4} is made of .*, and 16 are"):
        texts.check(f"Look: {character}", may_be_blank=False)


def test_it_counts_code_points_in_the_stored_form() -> None:
    typed = "http://x.co/" + "\U0001d15f" * 1100  # NFC turns each into two
    assert len(typed) < texts.MAX_CODE_POINTS < len(texts.normalize(typed))
    with pytest.raises(texts.TextTooLong, match=r"2,212 .* 2,000"):
        texts.check(typed, may_be_blank=False)


@pytest.mark.parametrize("link", ["x.co", "http://example.com/" + "a" * 1400, "münchen.de"])
def test_it_counts_every_link_as_23(link: str) -> None:
    assert texts.length(f"see {link} and {link}.") == len("see ") + 23 + len(" and ") + 23 + 1
    assert texts.check("a" * 476 + " " + link, may_be_blank=False)
    with pytest.raises(texts.TextTooLong, match="501"):
        texts.check("a" * 477 + " " + link, may_be_blank=False)


@given(written)
def test_checking_twice_changes_nothing(text: str) -> None:
    try:
        once = texts.check(text, may_be_blank=True)
    except texts.TweetTextError:
        return
    assert texts.check(once, may_be_blank=True) == once == texts.normalize(once)


# --- links


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("see http://example.com/a_(b)?x=1#y, ok", "http://example.com/a_(b)?x=1#y"),
        ("HTTPS://Example.COM:8080/Path.", "https://example.com:8080/Path"),
        ("(example.com)", "https://example.com"),
        ("www.example.museum!", "https://www.example.museum"),
        ("見てhttps://example.com/写真。次", "https://example.com/写真"),
        ("👉️example.com👈", "https://example.com"),
        ("http://münchen.de/ü", "http://xn--mnchen-3ya.de/ü"),
        ("http://उदाहरण.com", "http://xn--p1b6ci4b4b3a.com"),
        ("http://xn--mnchen-3ya.de", "http://xn--mnchen-3ya.de"),
        ("example.com/@alice#tag", "https://example.com/@alice#tag"),
        ("http://x.co/?u=http://y.co/", "http://x.co/?u=http://y.co/"),
        ("x.co/http://y.co/", "https://x.co/http://y.co/"),
        ("http://sub_domain.example.com/x_y", "http://sub_domain.example.com/x_y"),
        ("http://_x.www.example.com", "http://_x.www.example.com"),
        ("https://example.comを見て", "https://example.com"),
        ("https://example.com:8080を見て", "https://example.com:8080"),
        ("https://example.com에서", "https://example.com"),
        ("https://example.comและ", "https://example.com"),
        ("https://example.comпривет", "https://example.com"),
        ("http://www.abcテレビ.jp/あ", "http://www.xn--abc-pm4bpcxh.jp/あ"),
        ("例えばexample.com/ab", "https://example.com/ab"),
        ("次のwww.example.comを見て", "https://www.example.com"),
        ("ดูexample.com/写真2", "https://example.com/写真2"),
        ("https://docs.rs/x and README.md", "https://docs.rs/x"),
        ("www.onet.pl or main.rs", "https://www.onet.pl"),
    ],
)
def test_it_finds_a_link(text: str, expected: str) -> None:
    assert links(text) == [expected]


MARKS = [
    *(
        "»",
        "›",
        "”",
        "“",
        "،",
        "؛",
        "؟",
        "۔",
        "।",
        "॥",
        "—y",
        "—",
        "–",
        "?!",
        "!?",
        ",,,,",
        ";,.",
        "…",
    ),
    *(
        "?)",
        "、",
        "。",
        "！？",
        "。」",
        "።",
        "።x",
        "։",
        "׃",
        "།",
        "។",
        "။",
        "⟩",
        "〜",
        "\u2800y",
        "\u3164",
    ),
]


@pytest.mark.parametrize("mark", MARKS)
@pytest.mark.parametrize(
    "address", ["https://example.com", "https://example.com/x", "https://x.co/?a=b"]
)
def test_marks_after_a_link_belong_to_the_sentence(address: str, mark: str) -> None:
    assert links(f"«{address}{mark}") == [address]
    assert links(f"({address.removeprefix('https://')}{mark} y") == [address]


@pytest.mark.parametrize(
    "url", ["https://x.co/Foo–Bar", "https://x.co/a·b", "https://x.co/?a,b;c!d"]
)
def test_marks_within_a_link_belong_to_it(url: str) -> None:
    assert links(f"{url}.") == [url]


@pytest.mark.parametrize(
    "text",
    [
        "http://✪df.ws/x",
        "http://👉example.com (http://✪df.ws",
        "ftp://✪example.com",
        "http://my_shop.com/shop.com",
        "https://example.comé",
        "аpple.com",  # the first letter is Cyrillic
        "例え.jp",
        "これは例え.jp",
        "$SHOP.TO €SHOP.TO ¥x.co ＄x.co",
        *("README.md", "main.rs", "setup.py", "run.sh", "lib.so.", "(a.cc)", "Foo.pm", "main.tf:3"),
        *("archive.zip", "photo.mov", "Makefile.am", "index.js", "README.md/main.rs", "x.MD"),
        "javascript:alert(1)",
        "javascript://example.com/%0Aalert(1)",
        "data:text/html,x vbscript:x.co",
        "ftp://example.com",
        "//example.com",
        "mailto:bob@example.com",
        "john.me@example.com",
        "http://bank.com@evil.com/",
        "http://bob:secret@evil.com/",
        "http://localhost:8000/",
        "http://-x.com",
        "http://℀.com",
        "http://a\\b",
        "http://" + "a." * 127 + "com",
        "http://xn--a-.com",
        "The end.Next one",
        "1.5 or 3.14",
    ],
)
def test_it_does_not_become_a_link(text: str) -> None:
    assert links(text) == []
    assert texts.to_html(text, handles={}).count("<a") == 0


def test_it_finds_several_links_in_order() -> None:
    text = "b.co http://a.com/x, c.de/d\nhttps://a.com"
    expected = ["https://b.co", "http://a.com/x", "https://c.de/d", "https://a.com"]
    assert links(text) == expected


# --- mentions and hashtags


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("@Alice, @bob_2 and @ALICE", ("alice", "bob_2")),
        (".@alice (@bob)\n@charlie", ("alice", "bob", "charlie")),
        ("ありがとー@aliceさん ＠bob", ("alice", "bob")),
        ("@" + "a" * 30, ("a" * 30,)),
        ("@" + "a" * 31, ()),
        ("bob@alice é@alice /@alice @@alice _@alice", ()),
        ("me+x@alice.example.com a-@alice.com", ()),
        ("@alice@example.social @alicé @", ()),
        ("example.com/@alice @http://x.co x.co@alice", ()),
        ("@alice.", ("alice",)),
        ("❤️@bob ▶️@alice 👍🏽@charlie", ("bob", "alice", "charlie")),
        ("1️⃣@bob ©️@alice 👩‍👧@charlie 🏴󠁧󠁢󠁥󠁮󠁧󠁿@dora", ("bob", "alice", "charlie", "dora")),
        ("葛󠄀@bob ไทยก์@alice བོད@charlie", ("bob", "alice", "charlie")),
        ("x̌@bob a\ufe0f@bob 1️@bob م\u064e@bob _\ufe0f@bob", ()),
        ("@alice/@bob #a/@charlie x/@dora", ("alice", "bob", "charlie")),
    ],
)
def test_it_finds_mentions(text: str, expected: tuple[str, ...]) -> None:
    assert texts.mentioned_handles(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("#Python, #PYTHON and #python_3!", ("python", "python_3")),
        ("#नमस्ते #スーパー・マリオ #서울 #Ünïcödé", ("नमस्ते", "スーパー・マリオ", "서울", "ünïcödé")),
        ("＃ｆｏｏ #STRASSE #straße", ("foo", "strasse")),
        ("#می\u200cخواهم", ("میخواهم",)),
        ("#2024goals #_ #1a", ("2024goals", "_", "1a")),
        ("#123 #１２３ #١٢٣ # #- #️⃣ #\u0301a", ()),
        ("C#minor &#39; ##x foo/#bar あ#い", ()),
        ("#chirp.me #a・ #b#c", ("chirp", "a", "b")),
        ("#" + "a" * 100, ("a" * 100,)),
        ("#" + "a" * 101, ()),
        ("#\ufdfa", ()),  # folding turns it into four words
        ("#" + "ﬃ" * 40, ()),  # folding turns it into 120 letters
        ("x.co/#a http://x.co#b #http://x.co", ()),
        ("❤️#love ▶️#play 1️⃣#one 👍🏽#yes", ("love", "play", "one", "yes")),
        ("x̌#a a\ufe0f#a あ\u3099#a", ()),
        ("#one/#two #three/@bob/#four #1/#five foo/#bar", ("one", "two", "three", "four", "five")),
        ("#רב־לשוני #רח׳ #צה״ל", ("רב־לשוני", "רח׳", "צה״ל")),
        ("#メ〜テレ #メ～テレ #か゛ #ハ゜", ("メ〜テレ", "が", "パ")),
        ("#བོད་ཡིག་ #བོད་ཡིག #བོད༌", ("བོད་ཡིག་", "བོད་ཡིག", "བོད་")),
        ("#二〇二四 #〇〇 #डॉ॰ #Ⅷ", ("二〇二四", "〇〇", "डॉ॰", "viii")),
        ("#İstanbul #ISTANBUL #ıstanbul #i\u0307stanbul #Iğdır #IĞDIR", ("istanbul", "iğdir")),
    ],
)
def test_it_finds_hashtags(text: str, expected: tuple[str, ...]) -> None:
    assert texts.hashtags(text) == expected


@pytest.mark.parametrize(
    ("tag", "expected"),
    [("Python", "python"), ("#Python", "python"), ("ＡＢＣ", "abc"), ("ΣΑΣ", "σασ")],
)
def test_it_normalizes_a_hashtag(tag: str, expected: str) -> None:
    assert texts.normalize_tag(tag) == expected


@pytest.mark.parametrize("tag", ["", "#", "12", "a b", "a-b", "a/b", "##a", "a\n", "\0", "a" * 101])
def test_an_invalid_hashtag_normalizes_to_none(tag: str) -> None:
    assert texts.normalize_tag(tag) is None


@given(written.map(lambda text: text.replace(" ", "")) | st.text("İıſßŉǰΐ\u0345ͅᾳﬃⅷ・a1_"))
def test_normalizing_a_hashtag_is_idempotent(tag: str) -> None:
    normal = texts.normalize_tag(tag)
    if normal is not None:
        assert texts.normalize_tag(normal) == normal
        assert texts.hashtags(f"#{normal}") == (normal,)


@given(written)
def test_the_span_of_an_entity_matches_its_value(text: str) -> None:
    found = texts.parse(text)
    assert all(text[tag.start + 1 : tag.end] == tag.value for tag in found.mentions)
    assert all(
        texts.normalize_tag(text[tag.start : tag.end]) == tag.value and text[tag.start] in "#＃"
        for tag in found.hashtags
    )
    assert all(link.value.lower().startswith(("http://", "https://")) for link in found.links)


@given(written)
def test_no_two_entities_overlap(text: str) -> None:
    found = texts.parse(text)
    for kind in (found.links, found.mentions, found.hashtags):
        assert list(kind) == sorted(kind, key=lambda entity: entity.start)
    spans = sorted((entity.start, entity.end) for kind in _kinds(found) for entity in kind)
    edges = [edge for span in spans for edge in span]
    assert edges == sorted(edges)
    assert all(start < end for start, end in spans)


def _kinds(found: texts.Entities) -> tuple[tuple[texts.Entity, ...], ...]:
    return found.links, found.mentions, found.hashtags
