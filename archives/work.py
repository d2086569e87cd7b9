"""What a kind of archive needs to import its records: the owner, the file, and notes."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

from django.core.files import File
from django.db import DatabaseError

from accounts.models import User
from archives.files import SMALL_BYTES, Archive, BadArchive
from archives.models import Import, ImportedItem
from chirp.plain_text import salvaged
from chirp.texts import text as _
from media import storage
from media.models import Media
from media.services import adopt
from media.storage import StorageAway

PROBLEMS_KEPT = 200
PROBLEM_LENGTH = 300
MOST_TAKEN = 2  # times the bytes of the archive, and SMALL_BYTES besides
Notes = tuple[dict[str, int], list[str], int, int, int]


class Sized(File):  # type: ignore[type-arg]
    """A file within an archive, whose size is known from its directory."""

    def __init__(self, file: Any, size: int) -> None:
        super().__init__(file)
        self.size = size


class Work:
    """One step of an import. The archive is opened when it is needed.

    `stored` gets the keys of the uploads that the step has made, in their order.
    """

    def __init__(self, row: Import, stored: list[str]) -> None:
        self._row, self._archive, self._stack, self._stored = row, None, ExitStack(), stored
        self.owner: User = row.owner

    _archive: Archive | None

    @property
    def archive(self) -> Archive:
        """The uploaded file. Raises BadArchive, FileNotFoundError and StorageAway."""
        if self._archive is None:
            file = self._stack.enter_context(storage.open_in_parts(self._row.file))
            self._archive = Archive(file, self._row.name)
        return self._archive

    @contextmanager
    def file(self, name: str) -> Iterator["Sized"]:
        """Open a file of the archive that is to be stored. Raises BadArchive.

        An archive has each file once, so that all of them are not much more than it. One that is
        named by a million tweets would fill the storage.
        """
        with self.archive.open(name) as content:
            size = self.archive.size(name)
            self._row.media_bytes += size
            if self._row.media_bytes > MOST_TAKEN * self._row.bytes + SMALL_BYTES:
                raise BadArchive(_("More files are named than can be in an archive of this size."))
            yield Sized(content, size)

    def adopt(self, name: str, *, alt: str) -> Media:
        """Store a file of the archive as an upload of the owner.

        Raises BadArchive, and what media.services.adopt does.
        """
        with self.file(name) as content:
            row = adopt(owner=self.owner, file=content, alt=alt)
        self._stored.append(row.key)
        return row

    def close(self) -> None:
        """Close the archive."""
        self._stack.close()

    def count(self, what: str, number: int = 1) -> None:
        """Count something: `what` is a key of archives/wording.py."""
        if number:
            self._row.results[what] = self._row.results.get(what, 0) + number

    def problem(self, text: str) -> None:
        """Note what went wrong, in a sentence for the owner."""
        self._row.problems_count += 1
        if len(self._row.problems) < PROBLEMS_KEPT:
            self._row.problems.append(salvaged(text, PROBLEM_LENGTH))

    def known(self, source: str, foreign_ids: Collection[str]) -> dict[str, int]:
        """Return the tweets of those of these items that were imported: {foreign id: tweet id}."""
        own = ImportedItem.objects.filter(owner=self.owner, source=source)
        return dict(own.filter(foreign_id__in=foreign_ids).values_list("foreign_id", "tweet_id"))

    def note(self, source: str, tweets: Mapping[str, int]) -> None:
        """Note that these items are imported now, in the transaction that does it."""
        ImportedItem.objects.bulk_create(
            ImportedItem(owner=self.owner, source=source, foreign_id=key, tweet_id=tweet_id)
            for key, tweet_id in tweets.items()
        )

    def snapshot(self) -> Notes:
        """Return the notes so far, for `restore`."""
        row = self._row
        notes = dict(row.results), list(row.problems), row.problems_count, row.media_bytes
        return *notes, len(self._stored)

    def restore(self, notes: Notes) -> None:
        """Forget the notes of a batch that was undone, and its files."""
        row = self._row
        row.results, row.problems, row.problems_count, row.media_bytes, stored = notes
        discard(self._stored[stored:])
        del self._stored[stored:]


def discard(keys: Sequence[str]) -> None:
    """Remove the files of uploads whose rows were undone, as far as that can be done now.

    What stays, because a worker was killed or the storage is away, `manage.py media` removes.
    """
    with suppress(DatabaseError, StorageAway):
        left = set(Media.objects.filter(key__in=keys).values_list("key", flat=True))
        for key in keys:
            if key not in left:
                storage.remove_all(key)


@contextmanager
def opened(row: Import, stored: list[str]) -> Iterator[Work]:
    """Yield the work of a step, and close its file afterwards."""
    work = Work(row, stored)
    try:
        yield work
    finally:
        work.close()
