"""The page that shows every component."""

import re
from typing import Any

from django.conf import settings
from django.test import Client

from tests.helpers.pages import code_in, page

SHEETS = settings.BASE_DIR / "static/css/components"
COMPONENTS = settings.BASE_DIR / "templates/components"


def test_it_names_every_component(client: Client, db: None, settings: Any) -> None:
    settings.DEBUG = True
    response = client.get("/design")
    assert response.status_code == 200
    shown = page(response)
    sections = set(re.findall(r'<section class="design-part" id="(\w+)"', shown))
    for others in re.findall(r'<p class="soft">Also: ([\w, ]+)</p>', shown):
        sections |= set(others.split(", "))
    assert {path.stem for path in COMPONENTS.glob("*.html")} - sections == set()
    assert code_in(shown) == []
    # What scripts make, and lists of fragments, are on it too.
    classes = set(re.findall(r"[\w-]+", " ".join(re.findall(r'class="([^"]*)"', shown))))
    for sheet in SHEETS.glob("*.css"):
        named = re.findall(r"^\.([\w-]+)", sheet.read_text(encoding="utf-8"), re.MULTILINE)
        assert not named or set(named) & classes, sheet.stem


def test_only_developers_see_it(client: Client, db: None) -> None:
    assert client.get("/design").status_code == 404
