"""axe-core looks at every page of the site, with the demo in it; `script/audit` does more."""

from pathlib import Path

import pytest
from django.core.management import call_command
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from tools.audit.browser import CHROMIUM, DRIVER, PROGRAMS, sign_in, viewing
from tools.audit.pages import pages
from tools.audit.parts import LOOKS, Audit, accessibility

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
NOT_THERE = "NOT RUN: there is no Chromium, or no axe-core (npm ci in tools/audit)"


@pytest.mark.skipif(not (CHROMIUM and DRIVER and PROGRAMS.exists()), reason=NOT_THERE)
@pytest.mark.timeout(900)
def test_axe_finds_nothing_on_any_page(
    live_server: LiveServer, redis: None, settings: Settings, tmp_path: Path
) -> None:
    settings.VAR_DIR = tmp_path
    call_command("populate_demo", people=20)
    secrets = (tmp_path / "secrets/demo.txt").read_text().split()
    session = sign_in(live_server.url, *secrets[:2])
    there, empty = pages(session, live_server.url, secrets[0])
    assert not empty
    found = []
    with viewing(live_server.url) as viewer:
        audit = Audit(live_server.url, session, viewer)
        for number, page in enumerate(there):
            # Each page in one look, and each look on many pages.
            looks = [LOOKS[number % len(LOOKS)]]
            found += [f"{page.name}: {seen.line}" for seen in accessibility(audit, page, looks)]
    assert not found, "\n".join(found)
