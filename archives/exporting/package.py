"""Write an export: a ZIP archive of JSON Lines, media, a page to read, and a manifest with sums."""

import hashlib
import json
import zipfile
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import IO

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

from accounts.language import speaking_to
from accounts.models import User
from archives.exporting import contents
from chirp.times import rfc3339
from media import storage
from media.models import Media

FORMAT, VERSION = "chirp", 1
MANIFEST = "manifest.json"
READABLE = 1_000  # tweets of the page, the newest; all of them are in tweets.jsonl
COPY_BYTES = 1024 * 1024


def write(
    file: IO[bytes], *, user: User, parts: Mapping[str, Iterable[str]], now: datetime
) -> None:
    """Write the archive. `parts` are the lines of each file of JSON Lines, in batches.

    A file of an upload that is gone by now is left out. Raises StorageAway.
    """
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        writer = _Writer(package)
        for name, lines in parts.items():
            writer.add(f"data/{name}.jsonl", (text.encode() for text in lines))
        for media in _media(user):
            writer.add_media(media)
        writer.add("index.html", [_page(user, now).encode()])
        package.writestr(MANIFEST, json.dumps(_manifest(user, writer.files, now), indent=1))


class _Writer:
    """Adds files to a ZIP archive, and notes their sums."""

    def __init__(self, package: zipfile.ZipFile) -> None:
        self._package = package
        self.files: list[dict[str, object]] = []

    def add(self, name: str, chunks: Iterable[bytes], *, compress: bool = True) -> None:
        """Add a file, a chunk at a time: none is in memory as a whole."""
        info = zipfile.ZipInfo(name)
        info.compress_type = zipfile.ZIP_DEFLATED if compress else zipfile.ZIP_STORED
        digest, size = hashlib.sha256(), 0
        with self._package.open(info, "w", force_zip64=True) as target:
            for chunk in chunks:
                target.write(chunk)
                digest.update(chunk)
                size += len(chunk)
        self.files.append({"name": name, "bytes": size, "sha256": digest.hexdigest()})

    def add_media(self, media: Media) -> None:
        """Add the largest file of an upload. It is compressed already."""
        main = contents.main_file(media)
        if not main:
            return
        try:
            source = storage.open_file(media.files[main]["path"])
        except FileNotFoundError:
            return
        with source:
            chunks = iter(lambda: source.read(COPY_BYTES), b"")
            self.add(contents.file_name(media), chunks, compress=False)


def lines_of(rows: contents.Rows) -> str:
    """Return a batch as JSON Lines."""
    return "".join(json.dumps(each, ensure_ascii=False) + "\n" for _, each in rows if each)


def _media(user: User) -> Iterable[Media]:
    after = 0
    while rows := contents.media(user, after):
        yield from Media.objects.filter(pk__in=[pk for pk, _ in rows]).order_by("pk")
        after = rows[-1][0]


def _manifest(user: User, files: list[dict[str, object]], now: datetime) -> dict[str, object]:
    return {
        "format": FORMAT,
        "version": VERSION,
        "site": settings.SITE_URL,
        "account": user.handle,
        "created_at": rfc3339(now),
        "files": files,
    }


def _page(user: User, now: datetime) -> str:
    newest = contents.newest_tweets(user, READABLE)
    with speaking_to(user):
        context = {
            "user": user,
            "tweets": newest,
            "now": now,
            "most": READABLE,
            "language": translation.get_language(),
            "direction": "rtl" if translation.get_language_bidi() else "ltr",
        }
        return render_to_string("archives/export.html", context, using="jinja2")
