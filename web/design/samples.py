"""Made-up people and tweets for the page of all components: usual ones, and the worst ones."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from django.contrib.staticfiles.storage import staticfiles_storage
from django.urls import get_script_prefix
from django.utils.safestring import SafeString, mark_safe

from accounts.models import User
from media.previews.read import Image, LinkCard
from media.selectors import Address
from media.selectors import Shown as File
from people.selectors import Relationship
from tweets.text_html import html_of
from web.presenters.people import Row
from web.presenters.polls import Choice, PollCard
from web.presenters.tweets import Card, Node, Shown, VersionCard
from web.presenters.why import Remedy, Told, Why

WHEN = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
WIDE = "W" * 50
LONG_WORD = "Donaudampfschifffahrtsgesellschaftskapitän" * 6
EMOJI = "👩🏽‍🚀👨‍👩‍👧‍👦🏳️‍🌈🇯🇵 ️‍" * 4
CJK = "吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。" * 3
ARABIC = "يولد جميع الناس أحراراً متساوين في الكرامة والحقوق, #حقوق و @alice"
ACCENTS = "Z̸̡͈̬̈́̽̈ä̶̗̎l̷̡̓g̷̛̮o̶͚͝ " * 6
SAMPLE = {
    "id": 1,
    "author_id": 1,
    "text": "The first frost. The garden is asleep, and so should I be. #garden",
    "visibility": "public",
    "sensitive": False,
    "spoiler": "",
    "language": "en",
    "created_at": WHEN,
    "edited_at": None,
    "replies_from": "everyone",
    "likes": 0,
    "reposts": 0,
    "quotes": 0,
    "replies": 0,
    "lat": None,
    "lon": None,
    "place": "",
    "media_count": 0,
    "handle": "alice",
    "name": "Alice Adler",
    "avatar": "",
    "private": False,
    "mine": False,
    "blocks": False,
    "mutes": False,
    "liked": False,
    "reposted": False,
    "pinned": False,
    "conversation_muted": False,
    "bookmarked": False,
}


def tweet(**facts: Any) -> Any:
    """A tweet, with some facts of its own."""
    return Shown(**{**SAMPLE, **facts})


def card(number: int, *, when: str = "5m", of: Any = None, **facts: Any) -> Card:
    """An entry of a list: fields of Card in `of`, and facts about its tweet."""
    shown = tweet(id=number, **facts)
    html = mark_safe(html_of(shown.text, ()))  # noqa: S308 - it escapes what it did not make
    ago = SafeString(f'<time datetime="{WHEN.isoformat()}">{when}</time>')
    given = {"may_share": True, "may_quote": True, "anchor": f"t{number}", **(of or {})}
    return Card(shown, html, ago, **given)


def picture(number: int, alt: str = "Mountains at dusk", **changes: Any) -> File:
    """A picture that is ready."""
    path = staticfiles_storage.url("img/sample.svg").removeprefix(get_script_prefix())
    address = Address(path, "image/svg+xml", 640, 360)
    sizes = (("small", address), ("large", address))
    file = File(number, "image", "ready", alt, 0.0, 0.0, "", 640, 360, None, sizes, address)
    return file._replace(**changes)


def poll(
    *, may_vote: bool = False, votes: tuple[int, ...] | None = (3, 1, 0), **changes: Any
) -> Any:
    """A poll with three choices; without `votes` its results are hidden."""
    texts = ("Tea", "Coffee, but only before noon and never with milk", LONG_WORD[:120])
    shown = votes or (None, None, None)
    total = sum(votes or ())
    choices = tuple(
        Choice(text, number, number and round(100 * number / total), chosen=not index)
        for index, (text, number) in enumerate(zip(texts, shown, strict=True))
    )
    usual = {"multiple": False, "may_vote": may_vote, "voted": not may_vote}
    left = {"left": SafeString("2d left")}
    return PollCard(choices, voters=total, **{**usual, **left, **changes})


def link(title: str = "A garden in winter", *, size: tuple[int, int] | None = None) -> LinkCard:
    """A preview; `size` is that of its picture."""
    image = Image(picture(1).main.url, *size, "", "") if size else None  # type: ignore[union-attr]
    about = "What sleeps below the snow, what is awake, and what only looks as if it were dead."
    return LinkCard("https://example.org/garden", title, about, "example.org", image)


def conversations() -> list[Any]:
    """Conversations: new and read, with one person and with many."""
    alice = SimpleNamespace(handle="alice", user=None, name="Alice Adler")
    wide = SimpleNamespace(handle="w" * 30, user=None, name=WIDE)
    rows = (
        ([alice], "Are you coming?", True),
        ([wide], LONG_WORD, True),
        ([alice, wide], ARABIC, False),
    )
    return [
        SimpleNamespace(
            conversation=SimpleNamespace(id=number, unread=unread),
            card=card(130 + number, handle=others[0].handle, name=others[0].name),
            participants=others,
            beginning=text,
        )
        for number, (others, text, unread) in enumerate(rows)
    ]


def versions() -> list[VersionCard]:
    """Versions of a tweet: the present one, and one with a warning."""
    texts = (("The second frost.", ""), (LONG_WORD, WIDE))
    return [VersionCard(SafeString(text), warning, WHEN) for text, warning in texts]


def why() -> Why:
    """Why a tweet is in home: reasons with remedies, and what moves it."""
    follows = Told("You follow @alice.", [Remedy("Profile of @alice", "#why")])
    lists = [Remedy(f"The list {WIDE}", "#why"), Remedy("Unmute @bob", "#why", is_form=True)]
    return Why("It is in your home.", [follows, Told(LONG_WORD, lists)], ["It is new: × 1.4."])


def drafts() -> list[Any]:
    """Drafts: a usual one, and one that could not be posted."""
    usual = {"text": "Half a thought", "also": "", "more": 0, "is_reply": False, "reason": ""}
    worst = {"text": LONG_WORD, "also": "a poll (One / Two)", "more": 24, "is_reply": True}
    shown = ({**usual}, {**usual, **worst, "reason": "The account is limited."})
    links = {"when": WHEN, "edit_url": "#later", "delete_url": "#later"}
    return [SimpleNamespace(**each, **links) for each in shown]


def branches() -> list[Node]:
    """Replies with what answers them: none, one, some with more, and as deep as it goes."""
    deep = [card(number, name=WIDE, handle="w" * 30, text=LONG_WORD) for number in range(120, 124)]
    chain = Node(deep[3], [], more=True)
    for each in deep[2::-1]:
        chain = Node(each, [chain], more=False)
    two = [Node(card(126, text="Oat."), [], more=False), Node(card(127), [], more=False)]
    return [Node(card(124), [], more=False), Node(card(125), two, more=True), chain]


def cards() -> dict[str, list[Card]]:
    """Tweets by what they show."""
    quoted = card(2, name="Bob", handle="bob", author_id=2, text="Is it winter yet?")
    reposter = tweet(handle="carol", name="Carol")
    files = [picture(number) for number in range(1, 5)]
    odd = [
        picture(5, sizes=(), main=None, state="processing"),
        picture(6, main=None, state="failed"),
    ]
    mine: dict[str, Any] = {"mine": True, "liked": True, "reposted": True, "bookmarked": True}
    return {
        "Usual": [
            card(10),
            card(11, likes=1, reposts=1, quotes=1, replies=1, **mine),
            card(12, likes=1_000_000, reposts=1_000_000, quotes=1_000_000, replies=1_000_000),
        ],
        "Worst texts": [
            card(
                20, name=WIDE, handle="w" * 30, text=LONG_WORD, when="31 Dec 2024", edited_at=WHEN
            ),
            card(21, name=EMOJI[:40], text=EMOJI, language=""),
            card(22, name="夏目漱石", handle="soseki", text=CJK, language="ja"),
            card(23, name="هيئة الأمم المتحدة", handle="un", text=ARABIC, language="ar"),
            card(24, name=ACCENTS[:50], text=ACCENTS, language=""),
            card(25, text="\n".join(f"Line {line}" for line in range(1, 30))),
            card(26, text="https://example.org/" + "a" * 200),
        ],
        "Who sees it, and where it stands": [
            card(30, visibility="followers"),
            card(31, visibility="direct", of={"may_share": False, "may_quote": False}),
            card(32, visibility="unlisted", edited_at=WHEN),
            card(33, of={"reposter": reposter}),
            card(34, of={"reposter": tweet(handle="w" * 30, name=WIDE), "more_reposters": 1}),
            card(35, of={"reposter": tweet(mine=True), "more_reposters": 12}),
            card(36, of={"is_pin": True}),
            card(37, of={"answers": "w" * 30}),
            card(38, of={"gap": "deleted"}),
            card(39, of={"gap": "hidden", "why": "Liked by people you follow · New"}),
            card(40, lat=54.35, lon=18.65, place="Gdańsk, " + LONG_WORD[:80]),
            card(41, replies_from="nobody", of={"may_reply": False}),
        ],
        "Content warnings and filters": [
            card(50, spoiler="Spiders, and how to love them"),
            card(51, spoiler=WIDE * 2, media_count=1, of={"media": (files[0],)}),
            card(52, sensitive=True, media_count=1, of={"media": (files[0],)}),
            card(53, of={"filtered": ("Winter", "Football")}),
        ],
        "Quotes": [
            card(60, of={"quoted": quoted}),
            card(61, of={"quoted": card(62, name=WIDE, handle="w" * 30, text=LONG_WORD)}),
            card(63, of={"quoted": card(64, spoiler="The end of the film")}),
            card(65, of={"quoted": card(66, of={"media": tuple(files[:2]), "poll": poll()})}),
            card(67, of={"quote_missing": True}),
        ],
        "Media": [
            *(card(70 + count, of={"media": tuple(files[:count])}) for count in range(1, 5)),
            card(75, text="", of={"media": (picture(7, "", width=360, height=1200),)}),
            card(76, of={"media": tuple(odd)}),
        ],
        "Polls": [
            card(80, of={"poll": poll(may_vote=True)}),
            card(81, of={"poll": poll(may_vote=True, multiple=True, votes=None)}),
            card(82, of={"poll": poll()}),
            card(83, of={"poll": poll(votes=None)}),
            card(84, of={"poll": poll(votes=(1_000_000, 999_999, 1), left=SafeString())}),
        ],
        "Links": [
            card(90, of={"link": link()}),
            card(91, of={"link": link(size=(200, 200))}),
            card(92, of={"link": link(size=(1200, 630))}),
            card(93, of={"link": link(LONG_WORD, size=(200, 200))}),
        ],
    }


def person(number: int, handle: str, name: str, bio: str = "", **facts: Any) -> User:
    """An account that is in no database."""
    return User(id=number, handle=handle, name=name, bio=bio, created_at=WHEN, **facts)


def people() -> list[Row]:
    """Rows of people, in each relationship to the viewer."""
    return [
        Row(person(1, "alice", "Alice Adler", "Gardens, frost, and tea."), Relationship()),
        Row(
            person(2, "bob", "", "No name, and a bio of " + "many words " * 20),
            Relationship(following=True, followed_by=True),
        ),
        Row(person(3, "w" * 30, WIDE, LONG_WORD), Relationship(requested=True, followed_by=True)),
        Row(person(4, "soseki", "夏目漱石", CJK), Relationship(blocking=True)),
        Row(person(5, "un", "هيئة الأمم المتحدة", ARABIC), Relationship(blocked_by=True)),
    ]


def strike() -> Any:
    """A decision of the moderators, with an appeal."""
    said = {"created_at": WHEN, "lifted_at": None, "reason": LONG_WORD, "tweet_ids": [1, 2]}
    appeal = {"created_at": WHEN, "decided_at": WHEN, "accepted": False, "text": "Why?"}
    return SimpleNamespace(
        done="Your tweets were hidden",
        strike=SimpleNamespace(**said),
        appeal=SimpleNamespace(**appeal, answer="Because."),
    )


def notifications(whole: Card) -> list[Any]:
    """Groups of notifications, new and old."""
    names = [row.person for row in people()]
    kinds = (("like", "heart", 1), ("repost", "repost", 5), ("follow", "person", 2))
    return [
        SimpleNamespace(
            item=SimpleNamespace(
                id=number,
                kind=kind,
                note="",
                actors=names[:count],
                latest_at=WHEN,
                unread=count > 1,
            ),
            card=whole if kind == "like" else None,
            icon=icon,
            sentence="%(who)s did something with this.",
            named=names[: min(count, 2)],
            others=max(count - 2, 0) * 250_000,
            whole=False,
        )
        for number, (kind, icon, count) in enumerate(kinds)
    ]
