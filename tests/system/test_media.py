"""Media with real processes: uploads that are cut off, workers that are killed, files in parts."""

import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from django.conf import settings
from django.core.files.storage import default_storage
from django.db.models.functions import Now
from django.utils import timezone

from accounts import tokens
from accounts.models import User
from media.models import Media, State
from outbox.models import Event
from tests.helpers.pictures import large, picture, ready, uploaded
from tests.helpers.processes import RELAY, WORKER, kill, process, wait_until
from tests.helpers.site import Site, running_site
from tests.helpers.tweets import post

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def site(collected_static: None, tmp_path: Path) -> Iterator[Site]:
    """A whole site."""
    with running_site(tmp_path / "log") as site:
        yield site


def headers(user: User) -> dict[str, str]:
    """What identifies the user."""
    return {"Authorization": f"Bearer {tokens.issue(user=user, now=timezone.now()).access}"}


def stored() -> int:
    """How many directories of uploads there are."""
    if not default_storage.exists(""):
        return 0
    top, _ = default_storage.listdir("")
    return sum(len(default_storage.listdir(name)[0]) for name in top)


def test_an_upload_is_processed_and_one_that_is_cut_off_leaves_nothing(
    site: Site, alice: User
) -> None:
    before = stored()
    form = requests.Request(
        "POST", f"{site.url}/api/media", files={"file": large()}, headers=headers(alice)
    ).prepare()
    assert isinstance(form.body, bytes)
    lines = "".join(f"{name}: {value}\r\n" for name, value in form.headers.items())
    address = urlsplit(site.url)
    head = f"POST /api/media HTTP/1.1\r\nHost: {address.netloc}\r\n{lines}\r\n".encode()
    with socket.create_connection((address.hostname, address.port)) as client:
        client.sendall(head + form.body[: len(form.body) // 2])
    # Another request on the same process is answered after the cut one would have been.
    for _ in range(4):
        assert requests.get(f"{site.url}/healthz", timeout=20).ok
    assert not Media.objects.exists()
    assert stored() == before

    answer = requests.Session().send(form, timeout=20)
    assert answer.status_code == 201
    wait_until(lambda: Media.objects.get().state == State.READY, site.log)
    assert stored() == before + 1


def test_the_web_server_sends_files_whole_and_in_parts(site: Site, alice: User) -> None:
    media = ready(alice, picture("JPEG", (2000, 1500)))
    post(alice, media_ids=[media.pk])
    url = f"{site.url}/media/{media.key}/large.webp"
    with default_storage.open(media.files["large.webp"]["path"]) as file:
        whole = file.read()
    with requests.Session() as session:  # on one connection
        for _ in range(2):
            assert session.get(url, timeout=20).content == whole, site.log.read_text()
            part = session.get(url, headers={"Range": "bytes=10-99"}, timeout=20)
            assert (part.status_code, part.content) == (206, whole[10:100])
            head = session.head(url, timeout=20)
            assert (head.headers["Content-Length"], head.content) == (str(len(whole)), b"")


def test_too_large_a_body_is_refused_while_it_arrives(site: Site, alice: User) -> None:
    length = settings.MEDIA_BODY_BYTES + 1
    address = urlsplit(site.url)
    head = (
        f"POST /compose HTTP/1.1\r\nHost: {address.netloc}\r\nContent-Length: {length}\r\n"
        "Content-Type: multipart/form-data; boundary=x\r\n\r\n"
    )
    with socket.create_connection((address.hostname, address.port), timeout=60) as client:
        client.sendall(head.encode())
        block = b"x" * 1024 * 1024
        for _ in range(64):  # as much as is read of it
            client.sendall(block)
        assert client.recv(12) == b"HTTP/1.1 413"


def test_a_worker_that_is_killed_in_the_middle_loses_nothing(alice: User, tmp_path: Path) -> None:
    log = tmp_path / "log"
    media = uploaded(alice, large())

    def begun() -> bool:
        return Media.objects.get(pk=media.pk).attempts > 0

    with process(log, *RELAY):
        with process(log, *WORKER) as worker:
            wait_until(begun, log)
            kill(worker)
        assert Media.objects.get(pk=media.pk).state == State.PROCESSING
        assert default_storage.exists(media.original)
        Event.objects.update(due_at=Now())  # as if the lease had expired
        with process(log, *WORKER):
            wait_until(lambda: Media.objects.get(pk=media.pk).state == State.READY, log)
            wait_until(lambda: not Event.objects.exists(), log)
    done = Media.objects.get(pk=media.pk)
    assert done.attempts == 2
    _, names = default_storage.listdir(f"{media.key[:2]}/{media.key}")
    assert len(names) == len(done.files)
