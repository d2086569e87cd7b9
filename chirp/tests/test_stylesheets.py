"""The stylesheets of the site: joined to one, and fit for both directions of writing."""

import re

from django.conf import settings

from chirp import stylesheets

STATIC = settings.BASE_DIR / "static"
TOKENS = (STATIC / "css/tokens.css").read_text()
GROUNDS = ("ground", "surface", "surface-raised", "surface-hover", "surface-sunken")
COLOURS = ("text", "text-soft", "accent", "danger", "like", "repost", "good", "warning")
PAIRS = [
    *((text, ground) for text in COLOURS for ground in GROUNDS),
    *((text, f"{text}-soft") for text in ("accent", "danger", "like", "repost", "good", "warning")),
    *((text, "accent-soft") for text in ("text", "text-soft")),
    *(("on-accent", "accent"), ("on-accent", "accent-hover"), ("surface", "text")),
]
TEXTS = {name: (STATIC / name).read_text() for name in stylesheets.sheets()}


def test_all_are_joined_in_their_order_and_without_comments() -> None:
    names = stylesheets.sheets()
    joined = stylesheets.joined()
    assert names[0] == "css/tokens.css"
    assert "css/components/tweet.css" in names
    assert "/*" not in joined
    assert joined.index("--accent:") < joined.index("\nbody {") < joined.index("\n.tweet {")


def test_colours_and_sizes_of_texts_are_those_of_the_tokens() -> None:
    own = re.compile(r"#[0-9a-f]{3,8}\b|\b(?:rgb|hsl)a?\(|font-size: \d", re.IGNORECASE)
    for name, text in TEXTS.items():
        if name != "css/tokens.css":
            found = own.search(text)
            assert found is None, f"{name}: {found and found[0]}"


def test_no_page_is_looked_at_as_a_whole_when_a_part_of_it_changes() -> None:
    """A rule for what :root has, and all in it, costs a phone 50 ms whenever a node comes."""
    for name, text in TEXTS.items():
        found = re.search(r":root\S*:has\((?!dialog)", text)
        assert found is None, f"{name}: {found and found[0]}"


def test_texts_can_be_read_in_every_theme() -> None:
    """As WCAG 2.2 asks: 4.5 to 1 (AA), and 7 to 1 (AAA) in high contrast."""
    for colours, least in ((_colours("usual"), 4.5), (_colours("strong"), 7)):
        for theme in (0, 1):
            for text, ground in PAIRS:
                ratio = _contrast(colours[text][theme], colours[ground][theme])
                assert ratio >= least, f"{text} on {ground}, {('light', 'dark')[theme]}: {ratio}"
            for ground in GROUNDS:
                assert _contrast(colours["line-strong"][theme], colours[ground][theme]) >= 3


def _colours(contrast: str) -> dict[str, tuple[str, str]]:
    """The colours for light and for dark by the names of the tokens, in the usual or strong one."""
    return {
        name: _colour(value, contrast)
        for name, value in re.findall(r"--([\w-]+): (.*light-dark\(#.*);", TOKENS)
    }


def _colour(value: str, contrast: str) -> tuple[str, str]:
    pair = r"light-dark\((#\w{6}), (#\w{6})\)"
    found = re.search(rf"--{contrast}, {pair}", value) or re.search(pair, value)
    assert found, value
    return found[1], found[2]


def _contrast(one: str, other: str) -> float:
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
