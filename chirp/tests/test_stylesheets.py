"""The stylesheets of the site: joined to one, and fit for both directions of writing."""

import re

from django.conf import settings

from chirp import stylesheets

STATIC = settings.BASE_DIR / "static"
TEXTS = {name: (STATIC / name).read_text() for name in stylesheets.sheets()}


def test_all_are_joined_in_their_order_and_without_comments() -> None:
    names = stylesheets.sheets()
    joined = stylesheets.joined()
    assert names[0] == "css/tokens.css"
    assert "css/components/tweet.css" in names
    assert "/*" not in joined
    assert joined.index("--accent:") < joined.index("\nbody {") < joined.index("\n.tweet {")


def test_they_name_no_left_or_right() -> None:
    physical = {
        name: [line for line in text.splitlines() if _is_physical(line)]
        for name, text in TEXTS.items()
    }
    assert not {name: lines for name, lines in physical.items() if lines}


def _is_physical(line: str) -> bool:
    declared = re.match(r"\s+([\w-]+):\s*([^;]+);", line)
    if declared is None:
        return False
    name, value = declared.groups()
    by_name = re.search(r"(?:^|-)(?:left|right)(?:-|$)", name)
    return bool(by_name) or (name in ("text-align", "float") and value in ("left", "right"))
