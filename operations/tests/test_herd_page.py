"""The admin's page of the herd, with real servers behind it."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from operations import herd as site
from tests.helpers.admin import browser
from tests.helpers.herd.processes import Herd, eventually


@pytest.fixture
def desk(alice: Any) -> Client:
    return browser(alice, superuser=True)


def test_it_shows_every_server_and_who_is_away(
    desk: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ["Hill", "Gasol"]
    with Herd(tmp_path, names=names, chirp="http://127.0.0.1:1") as herd:
        monkeypatch.setenv("HERD_SETTINGS", str(herd._file("Hill")))
        herd.report("Hill", "kiwi")
        page = desk.get("/admin/operations/herd/").content.decode()
        assert all(f'<th scope="row">{name}</th>' in page for name in names)
        assert "Gasol: linked" in page
        assert "away" not in page
        herd.kill("Gasol")
        eventually(lambda: not herd.status("Hill")["neighbours"]["Gasol"]["up"])
        page = desk.get("/admin/operations/herd/").content.decode()
        assert "Gasol: down" in page
        assert f"away: nobody answers at 127.0.0.1:{herd.ports['Gasol']['status']}" in page
        hill, gasol = site.states()
        assert hill.said is not None
        assert (hill.said["reports"], gasol.said) == (1, None)


def test_another_server_at_its_port_is_not_taken_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Herd(tmp_path, names=["Hill"], chirp="http://127.0.0.1:1") as herd:
        file = herd._file("Hill")
        file.write_text(file.read_text().replace("servers.Hill", "servers.Young"))
        monkeypatch.setenv("HERD_SETTINGS", str(file))
        assert [state.said for state in site.states()] == [None]


def test_settings_that_are_wrong_are_named(
    desk: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HERD_SETTINGS", str(tmp_path / "none.toml"))
    assert "none.toml cannot be read" in desk.get("/admin/operations/herd/").content.decode()


def test_it_is_for_staff(client: Client, alice: Any) -> None:
    assert client.get("/admin/operations/herd/").status_code == 302
    client.force_login(alice)
    assert client.get("/admin/operations/herd/", follow=True).status_code == 404


def test_the_admin_leads_to_it(desk: Client) -> None:
    assert 'href="/admin/operations/herd/"' in desk.get("/admin/").content.decode()
