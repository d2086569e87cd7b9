"""The page of imports: upload, progress by reloading, problems, cancelling."""

from collections.abc import Callable

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import User
from archives.models import Import, State
from archives.running import step
from tests.helpers.pages import page

IMPORT = "/settings/import"
FOLLOWS = b"Account address,Show boosts\nbob,true\nno handle,true\nfar@far.example,true\n"


def upload(client: Client, content: bytes = FOLLOWS, name: str = "following.csv") -> Import:
    """Upload a file, and return the import."""
    file = SimpleUploadedFile(name, content)
    assert client.post(IMPORT, {"file": file, "kind": "auto"}).status_code == 302
    return Import.objects.latest("pk")


def test_an_import_from_the_upload_to_its_end(
    client: Client, alice: User, bob: User, drain: Callable[..., int]
) -> None:
    client.force_login(alice)
    assert "Import" in page(client.get("/settings/account"))
    row = upload(client)
    html = page(client.get(IMPORT))
    assert "The archive is being read." in html
    assert 'type="file"' not in html, "one at a time"
    step(import_id=row.pk, turn=0)
    assert '<progress class="import-progress" max="2" value="0"' in page(client.get(IMPORT))
    drain()
    html = page(client.get(IMPORT))
    for words in ("Accounts followed: 1", "not on this site: 1", "Line 3 is not as expected."):
        assert words in html
    assert 'type="file"' in html


def test_an_import_is_cancelled_by_its_owner_only(client: Client, alice: User, bob: User) -> None:
    client.force_login(alice)
    row = upload(client)
    cancel = f"{IMPORT}/{row.pk}/cancel"
    client.force_login(bob)
    assert client.post(cancel).status_code == 404
    assert "following.csv" not in page(client.get(IMPORT))
    client.force_login(alice)
    assert (client.get(cancel).status_code, client.post(cancel).status_code) == (405, 302)
    row.refresh_from_db()
    assert row.state == State.CANCELLED
    assert "Cancelled" in page(client.get(IMPORT))


def test_what_is_refused_is_told_on_the_page(client: Client, alice: User) -> None:
    client.force_login(alice)
    for data in (
        {},
        {"file": SimpleUploadedFile("x.zip", b"x")},
        {"file": SimpleUploadedFile("x.csv", FOLLOWS), "kind": "twitter"},
        {"file": SimpleUploadedFile("x.csv", FOLLOWS), "kind": "x"},
    ):
        answer = client.post(IMPORT, data)
        assert answer.status_code == 400
        assert "errorlist" in page(answer)
    upload(client)
    again = client.post(IMPORT, {"file": SimpleUploadedFile("following.csv", FOLLOWS)})
    assert again.status_code == 409
    assert "Another import is not done yet." in page(again)
    client.logout()
    assert client.get(IMPORT).status_code == 302


def test_names_in_archives_run_no_code(client: Client, alice: User) -> None:
    client.force_login(alice)
    upload(client, name='<script>"follow.csv')
    html = page(client.get(IMPORT))
    assert "<script>&quot;" not in html
    assert '<script>"' not in html
