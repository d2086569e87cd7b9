"""The site as an app: manifest, service worker and icons."""

import json
import re
from typing import Any

from django.contrib.staticfiles import finders
from django.test import Client
from PIL import Image

from accounts.models import User
from moderation.site.services import known
from tests.helpers.pages import page


def test_the_manifest_names_the_site_and_its_icons(client: Client, db: Any) -> None:
    response = client.get("/manifest.webmanifest", headers={"Accept-Language": "ar"})
    manifest = json.loads(page(response))
    assert response["Content-Type"] == "application/manifest+json"
    assert (manifest["name"], manifest["lang"], manifest["dir"]) == (known().name, "ar", "rtl")
    assert {icon["purpose"] for icon in manifest["icons"]} == {"any", "maskable"}
    for icon in manifest["icons"]:
        with Image.open(str(finders.find(icon["src"].removeprefix("/static/")))) as picture:
            assert icon["sizes"] == f"{picture.width}x{picture.height}"
    for address in (manifest["start_url"], *(each["url"] for each in manifest["shortcuts"])):
        assert client.get(address).status_code in (200, 302)


def test_the_worker_keeps_nothing_of_anybody(client: Client, alice: User) -> None:
    client.force_login(alice)
    response = client.get("/worker.js")
    script = page(response)
    assert response["Content-Type"] == "text/javascript; charset=utf-8"
    kept = json.loads(re.findall(r"FILES = (.*);", script)[0])
    assert all(address.startswith("/static/") for address in kept)
    assert "/offline" in script
