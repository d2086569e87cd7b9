"""The admin page of the location servers, with real servers."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from operations import herd as site
from tests.helpers.admin import browser
from tests.helpers.herd.processes import Herd, eventually


@pytest.fixture
def operator(alice: Any) -> Client:
    return browser(alice, superuser=True)


def test_it_lists_all_servers_and_marks_those_that_are_down(
    operator: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ["Hill", "Gasol"]
    with Herd(tmp_path, names=names, chirp="http://127.0.0.1:1") as herd:
        monkeypatch.setenv("HERD_SETTINGS", str(herd._file("Hill")))
        herd.report("Hill", "kiwi")
        page = operator.get("/admin/operations/herd/").content.decode()
        assert all(f'<th scope="row">{name}</th>' in page for name in names)
        assert "Gasol: linked" in page
        assert "down: no response" not in page
        herd.kill("Gasol")
        eventually(lambda: not herd.status("Hill")["neighbours"]["Gasol"]["up"])
        page = operator.get("/admin/operations/herd/").content.decode()
        assert "Gasol: down" in page
        assert f"down: no response from 127.0.0.1:{herd.ports['Gasol']['status']}" in page
        hill, gasol = site.states()
        assert hill.report is not None
        assert (hill.report["reports"], gasol.report) == (1, None)


def test_a_response_of_another_server_is_ignored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Herd(tmp_path, names=["Hill"], chirp="http://127.0.0.1:1") as herd:
        file = herd._file("Hill")
        file.write_text(file.read_text().replace("servers.Hill", "servers.Young"))
        monkeypatch.setenv("HERD_SETTINGS", str(file))
        assert [state.report for state in site.states()] == [None]


def test_an_error_in_the_settings_is_shown(
    operator: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HERD_SETTINGS", str(tmp_path / "none.toml"))
    assert "none.toml cannot be read" in operator.get("/admin/operations/herd/").content.decode()


def test_it_is_for_staff(client: Client, alice: Any) -> None:
    assert client.get("/admin/operations/herd/").status_code == 302
    client.force_login(alice)
    assert client.get("/admin/operations/herd/", follow=True).status_code == 404


def test_the_admin_index_links_to_it(operator: Client) -> None:
    assert 'href="/admin/operations/herd/"' in operator.get("/admin/").content.decode()
