"""The page that shows every component."""

import re
from typing import Any

from django.conf import settings
from django.test import Client

from tests.helpers.pages import code_in, page

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


def test_only_developers_see_it(client: Client, db: None) -> None:
    assert client.get("/design").status_code == 404
