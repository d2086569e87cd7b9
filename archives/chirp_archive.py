"""Chirp's own archive (archives/exporting/): profile, tweets with all that is in them, and people.

Tweets get new ids of their dates. What others wrote is not in an archive, so replies to others
become tweets of their own, and only quotes of own tweets stay quotes. Likes, reposts and bookmarks
come back where their tweets are here: on the same site, or imported before. Nobody is notified of
them. Direct messages are left out: they are not only the owner's.
"""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile

from accounts.appearance import CHOICES
from archives import csv_lists, people, posts, texts
from archives.entries import moment_of, text_of
from archives.files import Archive, BadArchive, shown
from archives.kinds import Found, Kind
from archives.work import Work
from chirp import ids
from chirp.errors import ChirpError, Unavailable
from chirp.plain_text import salvaged
from chirp.texts import text as _
from filters.matching import Phrase
from filters.services import create_filter
from lists.featured_hashtags import feature_hashtag
from lists.hashtags import follow_hashtag
from lists.selectors import lists_of
from lists.services import add_member, create_list
from media.models import ALT_LENGTH
from media.profiles import PICTURES, update_profile
from media.services import MAX_IMAGES, MEGABYTE, describe
from notifications import preferences
from notifications.kinds import Kind as Notice
from notifications.models import Settings
from tweets import bookmarks, history, marks, pins, places
from tweets.controls import QuotesFrom, RepliesFrom
from tweets.history import PastPoll, PastTweet, PastVersion
from tweets.later import drafts
from tweets.models import SPOILER_LENGTH
from tweets.places import NewPlace, Place
from tweets.polls import rules
from tweets.polls.rules import NewPoll
from tweets.visibility import Visibility

FORMAT, VERSION = "chirp", 1
MANIFEST = "manifest.json"
MOST_LINE = 4 * 1024**2  # bytes
SHOWN = {Visibility.PUBLIC, Visibility.UNLISTED, Visibility.FOLLOWERS}
PROFILE = ("name", "bio", "place", "link", "time_zone", "language", *CHOICES)
MARKS = ("bookmarks", "likes", "reposts")
# The files that are imported, and when: people can be put on lists once they are followed.
STAGES = {
    "profile": 0,
    "tweets": 1,
    "follows": 2,
    "blocks": 3,
    "mutes": 3,
    "notes": 3,
    "lists": 4,
    "hashtags": 5,
    "featured_hashtags": 5,
    "filters": 5,
    "drafts": 5,
    "scheduled": 5,
    **dict.fromkeys(MARKS, 6),  # of tweets that only followers see, too
}
Json = Mapping[str, Any]


class ChirpKind(Kind):
    """An archive that Chirp wrote."""

    name, label, batch = "chirp", _("an archive of Chirp"), 50

    def matches(self, archive: Archive) -> bool:
        """Return whether there is a manifest of this format."""
        return MANIFEST in archive.names and _manifest(archive).get("format") == FORMAT

    def read(self, archive: Archive, work: Work) -> Iterator[Found]:
        """Yield a record for each line that is imported; tweets in the order of their dates."""
        manifest = _manifest(archive)
        if manifest.get("version") != VERSION:
            raise BadArchive(_("The archive is of a later version of Chirp."))
        host = texts.host_of(text_of(manifest, "site"), "chirp.invalid")
        source = f"{FORMAT}:{host}:{text_of(manifest, 'account').lower()}"
        for name, stage in STAGES.items():
            for entry in _lines(archive, name):
                at = moment_of(entry, "created_at") if name == "tweets" else None
                position = int(at.timestamp() * 1000) if at else 0
                if (id_ := entry.get("id")) is not None and ids.parse(id_) is None:
                    work.count("refused")
                    work.problem(_("An entry of %(name)s has an id that is none.", name=name))
                    continue
                yield Found(name, {**entry, "source": source, "host": host}, position, stage)

    def weight(self, what: str, data: Any) -> int:
        """Media are more work than texts."""
        return posts.weight(data) if isinstance(data.get("media"), list) else 1

    def is_told(self, what: str, data: Any) -> bool:
        """Follows are told, and marks are counted, as far as they are of this site."""
        if what == "follows":
            return people.handle_of(text_of(data, "account")) is not None
        return what in MARKS and people.is_here(data["host"])

    def apply(self, work: Work, what: str, batch: Sequence[Any]) -> None:
        """Import lines of one file."""
        if what == "tweets":
            _write(work, batch)
        elif what in _PEOPLE:
            people.each(work, [each for each in batch if text_of(each, "account")], _PEOPLE[what])
        elif what in MARKS:
            _mark(work, what, batch)
        else:
            for each in batch:
                _OTHERS[what](work, each)


_PEOPLE = {
    "follows": people.follow,
    "blocks": people.block,
    "mutes": people.mute,
    "notes": people.note,
}


def _manifest(archive: Archive) -> Json:
    with archive.open_text(MANIFEST) as file:
        return _object(file.read(MOST_LINE), MANIFEST)


def _lines(archive: Archive, part: str) -> Iterator[Json]:
    name = f"data/{part}.jsonl"
    if name not in archive.names:
        return
    with archive.open_text(name) as file:
        while line := file.readline(MOST_LINE):
            yield _object(line, name)


def _object(text: bytes, name: str) -> Json:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise BadArchive(
            _("The file %(shown)s in the archive is not as expected.", shown=shown(name))
        )
    return found


# --- Tweets --------------------------------------------------------------------------------------


def _write(work: Work, batch: Sequence[Json]) -> None:
    """Import tweets, unless they were imported before."""
    source = batch[0]["source"]
    named = {text_of(each, key) for each in batch for key in ("id", "reply_to_id")}
    quoted = {text_of(_part(each, "quote_of"), "id") for each in batch}
    known = work.known(source, (named | quoted) - {""})
    new: dict[str, int] = {}
    tweets: list[PastTweet] = []
    moments = [moment_of(each, "created_at") for each in batch]
    drawn = iter(history.ids_for([moment for moment in moments if moment]))
    for each, moment in zip(batch, moments, strict=True):
        id_, new_id = text_of(each, "id"), next(drawn) if moment else 0
        if id_ in known or id_ in new:
            work.count("already")
        elif tweet := _past(work, each, new_id, moment, {**known, **new}):
            new[id_] = new_id
            tweets.append(tweet)
    history.write(author=work.owner, tweets=tweets)
    work.note(source, new)
    work.count("tweets", len(tweets))
    for each in batch:
        if each.get("pinned") is True and text_of(each, "id") in new:
            with suppress(ChirpError):  # there is no room for another one
                pins.pin(user=work.owner, tweet_id=new[text_of(each, "id")])


def _past(
    work: Work, each: Json, new_id: int, written: datetime | None, here: Mapping[str, int]
) -> PastTweet | None:
    """Return the tweet of a line, or count why there is none."""
    if each.get("visibility") == Visibility.DIRECT:
        work.count("direct")
        return None
    if each.get("hidden") is True or not text_of(each, "id") or written is None:
        work.count("refused")
        work.problem("A tweet was hidden by moderators, or has no id or date.")
        return None
    try:
        return _tweet(work, each, new_id, written, here)
    except Unavailable:
        raise
    except ChirpError as error:
        work.count("refused")
        work.problem(f"Of {written:%Y-%m-%d}, {shown(text_of(each, 'text'))}: {error.detail}")
        return None


def _tweet(
    work: Work, each: Json, new_id: int, written: datetime, here: Mapping[str, int]
) -> PastTweet:
    place, poll = _place(each), _poll(each)
    media = _media(work, each) if poll is None else ()
    quoted_id = here.get(text_of(_part(each, "quote_of"), "id"))
    text, spoiler = _checked(each, may_be_blank=bool(media or poll or quoted_id))
    visibility = text_of(each, "visibility")
    return PastTweet(
        id=new_id,
        text=text,
        written_at=written,
        reply_to_id=here.get(text_of(each, "reply_to_id")),
        visibility=visibility if visibility in SHOWN else Visibility.FOLLOWERS.value,
        sensitive=each.get("sensitive") is True,
        spoiler=spoiler,
        language=text_of(each, "language"),
        media_ids=media,
        edited_at=moment_of(each, "edited_at"),
        place=place,
        quote_of_id=quoted_id,
        replies_from=_one_of(
            each, "replies_from", RepliesFrom, otherwise=RepliesFrom.EVERYONE.value
        ),
        quotes_from=_one_of(each, "quotes_from", QuotesFrom, otherwise=""),
        poll=poll,
        versions=_versions(each),
    )


def _checked(each: Json, *, may_be_blank: bool) -> tuple[str, str]:
    """Return text and warning. Names of another site mention somebody else here: they get it."""
    text, host = text_of(each, "text")[: texts.MOST_CHARACTERS], each["host"]
    text = text if people.is_here(host) else texts.with_site(text, host)
    spoiler = salvaged(text_of(each, "spoiler"), SPOILER_LENGTH)
    return history.checked(text, spoiler, may_be_blank=may_be_blank)


def _part(each: Json, key: str) -> Json:
    value = each.get(key)
    return value if isinstance(value, dict) else {}


def _one_of(each: Json, key: str, choices: Iterable[str], *, otherwise: str) -> str:
    value = text_of(each, key)
    return value if value in set(choices) else otherwise


def _place(each: Json) -> Place | None:
    found = _part(each, "location")
    lat, lon = found.get("lat"), found.get("lon")
    if not (isinstance(lat, int | float) and isinstance(lon, int | float)):
        return None
    return places.checked(NewPlace(lat, lon, text_of(found, "name"), exact=True))


def _poll(each: Json) -> PastPoll | None:
    """Return a poll with its results. One that is running is over: nobody here has voted."""
    found = _part(each, "poll")
    if not found:
        return None
    choices, votes = _texts(found, "choices"), found.get("votes")
    checked = rules.checked(NewPoll(choices, rules.MIN_SECONDS, found.get("multiple") is True))
    numbers = [_number(vote) for vote in (votes if isinstance(votes, list) else [])]
    return PastPoll(
        choices=tuple(checked.choices),
        votes=tuple((numbers + [0] * len(choices))[: len(choices)]),
        voters=_number(found.get("voters")),
        multiple=checked.multiple,
        ends_at=moment_of(found, "ends_at") or datetime.now(UTC),
    )


def _number(value: object) -> int:
    return value if isinstance(value, int) and 0 <= value < 2**31 else 0


def _texts(found: Json, key: str) -> list[str]:
    value = found.get(key)
    return [each for each in (value if isinstance(value, list) else []) if isinstance(each, str)]


def _objects(each: Json, key: str) -> list[Json]:
    value = each.get(key)
    return [
        found for found in (value if isinstance(value, list) else []) if isinstance(found, dict)
    ]


def _versions(each: Json) -> tuple[PastVersion, ...]:
    return tuple(
        PastVersion(
            text=_checked({**each, **version}, may_be_blank=True)[0],
            sensitive=version.get("sensitive") is True,
            spoiler=salvaged(text_of(version, "spoiler"), SPOILER_LENGTH),
            created_at=moment,
        )
        for version in _objects(each, "versions")
        if (moment := moment_of(version, "created_at"))
    )


def _media(work: Work, each: Json) -> tuple[int, ...]:
    """Store the files of a tweet that the archive has, and return their ids.

    One too many is enough to have the tweet refused.
    """
    stored = [_stored(work, file) for file in _objects(each, "media")[: MAX_IMAGES + 1]]
    return tuple(id_ for id_ in stored if id_ is not None)


def _stored(work: Work, file: Json) -> int | None:
    name = text_of(file, "file")
    if not name:
        return None
    try:
        row = work.adopt(name, alt=text_of(file, "alt")[:ALT_LENGTH])
        focus = [file.get(axis) for axis in ("focus_x", "focus_y")]
        if any(focus) and all(isinstance(each, int | float) for each in focus):
            describe(owner=work.owner, media_id=row.pk, focus=f"{focus[0]},{focus[1]}")
    except Unavailable:
        raise
    except ChirpError as error:
        work.count("lost_media")
        work.problem(f"{shown(name)}: {error.detail}")
        return None
    work.count("media")
    return row.pk


# --- Everything else -----------------------------------------------------------------------------


def _profile(work: Work, each: Json) -> None:
    """Take over the profile as it was, with its pictures, and what one wants to hear of."""
    changes: dict[str, object] = {name: text_of(each, name) for name in PROFILE}
    if quotes_from := _one_of(each, "quotes_from", QuotesFrom, otherwise=""):
        changes["quotes_from"] = quotes_from
    if each.get("private") is True:
        changes["private"] = True
    update_profile(user=work.owner, changes=changes, pictures=_pictures(work, each))
    found = _part(each, "notifications")
    off, mailed = set(_texts(found, "off")), set(_texts(found, "mailed"))
    preferences.change(
        user=work.owner,
        site={kind: kind not in off for kind in Notice if kind != Notice.MODERATION},
        email={kind: kind in mailed for kind in Notice},
        strangers=_known(found, "strangers", Settings.Strangers.values),
        digest=_known(found, "digest", Settings.Digest.values),
    )


def _known(found: Json, key: str, values: Collection[str]) -> str | None:
    value = text_of(found, key)
    return value if value in values else None


def _pictures(work: Work, each: Json) -> "dict[str, ContentFile[bytes]]":
    """Return avatar and header, as far as the archive has them."""
    pictures: dict[str, ContentFile[bytes]] = {}
    for purpose in PICTURES:
        name = text_of(each, purpose.value)
        if name in work.archive.names:
            with work.archive.open(name) as file:
                content = file.read(settings.MEDIA_MAX_IMAGE_MB * MEGABYTE + 1)
            pictures[purpose.value] = ContentFile(content, name=name.rpartition("/")[2])
    return pictures


def _list(work: Work, each: Json) -> None:
    """Create a list, unless there is one of this name, and put the people on it who are here."""
    name = " ".join(text_of(each, "name").split())
    own = {found.name: found.pk for found in lists_of(viewer=work.owner, owner=work.owner)}
    if name not in own:
        private, exclusive = each.get("private") is not False, each.get("exclusive") is True
        created = create_list(owner=work.owner, name=name, private=private, exclusive=exclusive)
        own[name] = created.pk
        work.count("lists")
    for handle in _texts(each, "members"):
        if (user := people.find(work, handle)) is not None:
            add_member(owner=work.owner, list_id=own[name], user=user)
            work.count("members")


def _hashtag(work: Work, each: Json) -> None:
    follow_hashtag(user=work.owner, tag=text_of(each, "tag"))
    work.count("hashtags")


def _featured_hashtag(work: Work, each: Json) -> None:
    feature_hashtag(user=work.owner, tag=text_of(each, "tag"))
    work.count("hashtags")


def _once(act: Callable[[Work, Json], None], prefix: str) -> Callable[[Work, Json], None]:
    """Do what can be done twice only if this line was not imported before."""

    def wrapper(work: Work, each: Json) -> None:
        source, key = each["source"], f"{prefix}:{text_of(each, 'id')}"
        if not work.known(source, [key]):
            act(work, each)
            work.note(source, {key: 0})

    return wrapper


def _filter(work: Work, each: Json) -> None:
    phrases = [
        Phrase(text_of(phrase, "text"), phrase.get("whole_word") is not False)
        for phrase in _objects(each, "phrases")
    ]
    create_filter(
        owner=work.owner,
        title=text_of(each, "title"),
        phrases=phrases,
        contexts=_texts(each, "contexts"),
        action=text_of(each, "action"),
    )
    work.count("filters")


def _draft(work: Work, each: Json) -> None:
    """Keep the texts of a draft or of a scheduled tweet. Files and references are not here."""
    contents = [
        {key: text_of(tweet, key) for key in ("text", "spoiler") if text_of(tweet, key)}
        for tweet in _objects(each, "tweets")
    ]
    drafts.create_draft(user=work.owner, tweets=contents)
    work.count("drafts")


def _mark(work: Work, what: str, batch: Sequence[Json]) -> None:
    """Bookmark, like or repost the tweets that are here, unless that was imported before."""
    source = batch[0]["source"]
    named = {_marked(each): each for each in batch}
    own = work.known(source, set(named))
    done = work.known(source, {f"{what}:{id_}" for id_ in named})
    new: dict[str, int] = {}
    for id_, each in named.items():
        tweet_id = own.get(id_) or csv_lists.tweet_id_of(text_of(_part(each, "tweet"), "url"))
        if f"{what}:{id_}" in done:
            continue
        try:
            _ACTS[what](work, tweet_id, each)
        except ChirpError:
            work.count("not_here_tweets")
        else:
            work.count("shared" if what == "reposts" else what)
            new[f"{what}:{id_}"] = tweet_id
    work.note(source, new)


def _marked(each: Json) -> str:
    """Return the id of the tweet that a line names; "0", which none has, for what is no id."""
    id_ = text_of(_part(each, "tweet"), "id")
    return id_ if ids.parse(id_) else "0"


def _bookmark(work: Work, tweet_id: int, each: Json) -> None:
    bookmarks.add(user=work.owner, tweet_id=tweet_id)


def _like(work: Work, tweet_id: int, each: Json) -> None:
    at = moment_of(each, "since")
    marks.like(user=work.owner, tweet_id=tweet_id, at=at, quietly=True)


def _repost(work: Work, tweet_id: int, each: Json) -> None:
    at = moment_of(each, "created_at")
    marks.repost(user=work.owner, tweet_id=tweet_id, at=at, quietly=True)


_ACTS: Mapping[str, Callable[[Work, int, Json], None]] = {
    "bookmarks": _bookmark,
    "likes": _like,
    "reposts": _repost,
}
_OTHERS: Mapping[str, Callable[[Work, Json], None]] = {
    "profile": _once(_profile, "profile"),
    "lists": _list,
    "hashtags": _hashtag,
    "featured_hashtags": _featured_hashtag,
    "filters": _once(_filter, "filter"),
    "drafts": _once(_draft, "draft"),
    "scheduled": _once(_draft, "scheduled"),
}
