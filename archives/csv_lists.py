"""Mastodon's CSV files: whom an account follows, blocks or mutes, its lists and its bookmarks.

Each file has a line for each account, and some have a first line of headings. What a file is says
its first line, or else its name. Accounts of other sites are counted, and left out.
"""

import csv
import io
import re
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import IO, Any, ClassVar
from urllib.parse import urlsplit

from archives import people
from archives.files import Archive, BadArchive
from archives.kinds import Found, Kind
from archives.work import Work
from chirp import ids
from chirp.errors import ChirpError
from chirp.texts import text as _
from tweets import bookmarks

ADDRESS = re.compile(r"@?[A-Za-z0-9_.-]+(@[^\s@/]+)?")
HEADINGS = "account address"
FIRST_LINE = 4096  # bytes
STATUS = re.compile(r"/(?:@[A-Za-z0-9_]+|users/[A-Za-z0-9_]+/statuses)/([0-9]{1,16})/?")


class CsvKind(Kind):
    """A CSV file. `columns` are the headings that tell it from others, `stem` is in its name."""

    columns: ClassVar[frozenset[str]] = frozenset()
    stem: ClassVar[str]
    batch = 20  # accounts that are locked at a time

    def matches(self, archive: Archive) -> bool:
        """Return whether it is a text whose headings, or else its name, are of this kind."""
        name = "" if archive.zipped else archive.names[0].lower()
        if not name.endswith((".csv", ".txt")):
            return False
        if self.columns and _headings(archive) >= self.columns:
            return True
        return self.stem in name

    def read(self, archive: Archive, work: Work) -> Iterator[Found]:
        """Yield a record for each line."""
        with archive.open_text(archive.names[0]) as file:
            for number, row in enumerate(_rows(file), start=1):
                cells = [cell.strip() for cell in row]
                if not any(cells) or HEADINGS in cells[0].lower():
                    continue
                if (data := self.data(cells)) is not None:
                    yield Found(self.stem, data)
                else:
                    work.count("refused")
                    work.problem(f"Line {number} is not as expected.")

    @abstractmethod
    def data(self, cells: list[str]) -> dict[str, Any] | None:
        """Return the record of a line, or None if the line is wrong."""


class FollowsCsv(CsvKind):
    """following_accounts.csv."""

    name, label, stem = "follows_csv", _("a list of accounts to follow (CSV)"), "follow"
    columns = frozenset({HEADINGS, "show boosts"})

    def data(self, cells: list[str]) -> dict[str, Any] | None:
        """Return the account, and whether its reposts are shown."""
        reposts = None if len(cells) < 2 or not cells[1] else cells[1].lower() == "true"
        notify = True if len(cells) > 2 and cells[2].lower() == "true" else None
        return _account(cells[0], reposts=reposts, notify=notify)

    def is_told(self, what: str, data: Any) -> bool:
        """Follows are told."""
        return people.handle_of(data["account"]) is not None

    def apply(self, work: Work, what: str, batch: Sequence[Any]) -> None:
        """Follow them."""
        people.each(work, batch, people.follow)


class MutesCsv(CsvKind):
    """muted_accounts.csv."""

    name, label, stem = "mutes_csv", _("a list of accounts to mute (CSV)"), "mute"
    columns = frozenset({HEADINGS, "hide notifications"})

    def data(self, cells: list[str]) -> dict[str, Any] | None:
        """Return the account."""
        return _account(cells[0])

    def apply(self, work: Work, what: str, batch: Sequence[Any]) -> None:
        """Mute them."""
        people.each(work, batch, people.mute)


class BlocksCsv(CsvKind):
    """blocked_accounts.csv. Domains have a file of their own, which is of no use here."""

    name, label, stem = "blocks_csv", _("a list of accounts to block (CSV)"), "block"

    def matches(self, archive: Archive) -> bool:
        """Return whether it is the file of accounts."""
        return super().matches(archive) and "domain" not in archive.names[0].lower()

    def data(self, cells: list[str]) -> dict[str, Any] | None:
        """Return the account."""
        return _account(cells[0])

    def apply(self, work: Work, what: str, batch: Sequence[Any]) -> None:
        """Block them."""
        people.each(work, batch, people.block)


class ListsCsv(CsvKind):
    """lists.csv: the name of a list, and an account on it."""

    name, label, stem = "lists_csv", _("lists of people (CSV)"), "list"

    def data(self, cells: list[str]) -> dict[str, Any] | None:
        """Return the list and the account."""
        if len(cells) < 2 or not cells[0]:
            return None
        return _account(cells[1], list=cells[0])

    def apply(self, work: Work, what: str, batch: Sequence[Any]) -> None:
        """Put them on the lists."""
        people.each(work, batch, people.put_on_list)


class BookmarksCsv(CsvKind):
    """bookmarks.csv: addresses of tweets, of which only those of this site can be bookmarked."""

    name, label, stem = "bookmarks_csv", _("bookmarks (CSV)"), "bookmark"

    def data(self, cells: list[str]) -> dict[str, Any] | None:
        """Return the address."""
        return {"url": cells[0]} if cells[0].startswith(("http://", "https://")) else None

    def apply(self, work: Work, what: str, batch: Sequence[Any]) -> None:
        """Bookmark those that are here."""
        bookmark(work, [data["url"] for data in batch])


def bookmark(work: Work, urls: Sequence[str]) -> None:
    """Bookmark the tweets of this site with these addresses."""
    bookmark_ids(work, [tweet_id_of(url) for url in urls])


def bookmark_ids(work: Work, tweet_ids: Sequence[int]) -> None:
    """Bookmark the tweets with these ids, as far as they are here."""
    for tweet_id in tweet_ids:
        try:
            bookmarks.add(user=work.owner, tweet_id=tweet_id)
        except ChirpError:
            work.count("not_here_tweets")
        else:
            work.count("bookmarks")


def tweet_id_of(url: str) -> int:
    """Return the id in the address of a tweet of this site; 0, which none has, for any other."""
    try:
        parts = urlsplit(url)
        is_here = people.is_here(parts.netloc)
    except ValueError:
        return 0
    found = STATUS.fullmatch(parts.path) if is_here else None
    return (ids.parse(found[1]) or 0) if found else 0


def _account(address: str, **more: Any) -> dict[str, Any] | None:
    return {"account": address, **more} if ADDRESS.fullmatch(address) else None


def _headings(archive: Archive) -> set[str]:
    """Return the headings in the first line, in lower case; none if it has others or none."""
    with archive.open_text(archive.names[0]) as file:
        first = file.read(FIRST_LINE).decode("utf-8-sig", "replace").partition("\n")[0]
    cells = {cell.strip().lower() for cell in first.split(",")}
    return cells if HEADINGS in cells else set()


def _rows(file: IO[bytes]) -> Iterator[list[str]]:
    """Yield the lines of a CSV file. Raises BadArchive."""
    text = io.TextIOWrapper(file, "utf-8-sig", newline="")
    try:
        yield from csv.reader(text, strict=True)
    except UnicodeDecodeError:
        raise BadArchive(_("The file is no text in UTF-8.")) from None
    except csv.Error as error:
        raise BadArchive(_("The file is no valid CSV: %(error)s.", error=error)) from None
    finally:
        text.detach()


KINDS: tuple[Kind, ...] = (FollowsCsv(), MutesCsv(), BlocksCsv(), ListsCsv(), BookmarksCsv())
