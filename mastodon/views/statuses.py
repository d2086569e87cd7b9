"""Statuses: post, read, edit and delete."""

import hashlib
from collections.abc import Callable
from typing import Any

import orjson

from accounts import idempotency
from chirp.pagination import PageRequest
from chirp.times import rfc3339
from mastodon.calls import Call, parsed
from mastodon.content import html_of
from mastodon.endpoints import public, user
from mastodon.errors import Invalid
from mastodon.params import Params
from mastodon.policies import quotes_from
from mastodon.presenters.statuses import VISIBILITIES, status, statuses
from mastodon.views.accounts import accounts
from mastodon.views.scheduled import schedule, time_of
from media import services as media
from people.selectors import access_account
from tweets import deleting, editing, posting
from tweets.polls.rules import NewPoll
from tweets.quotes import limit_quotes
from tweets.read import threads
from tweets.read.access import NotYours, access_original, access_tweet, access_tweets
from tweets.read.facts import Facts
from tweets.read.posted import facts_of_posted

Json = dict[str, Any]
OURS = {theirs: str(ours) for ours, theirs in VISIBILITIES.items()}
MOST_STATUSES = 20
# How much of a conversation is looked at, as Mastodon does it.
MOST_BELOW, MOST_BELOW_ANONYMOUS = 4096, 60
KEY_LENGTH = 255
# Mastodon gives the first status again, whatever the second request holds.
FINGERPRINT = "mastodon: any body"


def shown(call: Call, tweet_id: int) -> Json:
    """The status of a tweet as the viewer sees it. Raises NotFound."""
    return status(access_tweet(viewer=call.viewer, tweet_id=tweet_id), call.base)


@public("read:statuses")
def show(call: Call, id: str) -> Json:
    """GET statuses/:id."""
    return shown(call, parsed(id))


@public("read:statuses")
def card(call: Call, id: str) -> Json:
    """GET statuses/:id/card: the preview of its link, or an empty object."""
    found: Json = show.handle(call, id)["card"] or {}
    return found


@public("read:statuses")
def several(call: Call) -> list[Json]:
    """GET statuses?id[]=: those that the viewer may see, in the order asked."""
    wanted = call.params.ids("id")[:MOST_STATUSES]
    found = {t.id: t for t in access_tweets(viewer=call.viewer, tweet_ids=wanted)}
    return statuses([found[id_] for id_ in wanted if id_ in found], call.base)


@user("write:statuses")
def post(call: Call) -> Json:
    """POST statuses."""
    return _once(call, lambda: _post(call))


def _post(call: Call) -> Json:
    new, at = _new_tweet(call.params), time_of(call.params)
    _describe_media(call)
    if at is not None:
        return schedule(call, new, at)
    tweet = posting.post_tweet(author=call.user, **new)
    return status(facts_of_posted(tweet), call.base)


def _once(call: Call, work: Callable[[], Json]) -> Json:
    """Do the work once for each `Idempotency-Key`, and give the first answer again."""
    key = call.request.headers.get("Idempotency-Key", "").strip()
    if not key:
        return work()
    # Hashed, so that any key fits and none is one of the native API.
    digest = hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()
    identity: dict[str, Any] = {
        "user_id": call.user.pk,
        "key": f"mastodon:{digest}",
        "fingerprint": FINGERPRINT,
    }
    with idempotency.once():
        row_id = idempotency.claim(**identity)
        if row_id is None:
            first: Json = orjson.loads(idempotency.first_answer(**identity).body)
            return first
        body = work()
        idempotency.keep(row_id, idempotency.Answer(200, orjson.dumps(body).decode()))
        return body


def _new_tweet(params: Params) -> dict[str, Any]:
    """The arguments of `post_tweet`. Raises BadParameter and Invalid."""
    text, spoiler = params.text("status") or "", params.text("spoiler_text") or ""
    media_ids, poll = params.ids("media_ids"), _poll(params.child("poll"))
    quote_of_id = params.id("quoted_status_id")
    if not text.strip() and spoiler.strip() and not (media_ids or poll or quote_of_id):
        text, spoiler = spoiler, ""
    if media_ids and poll:
        raise Invalid("Cannot attach a poll and media at the same time")
    policy = params.text("quote_approval_policy") or ""
    return {
        "text": text,
        "spoiler": spoiler,
        "sensitive": bool(params.flag("sensitive")) or bool(spoiler.strip()),
        "visibility": _visibility(params.text("visibility") or ""),
        "language": (params.text("language") or "").replace("_", "-"),
        "reply_to_id": params.id("in_reply_to_id"),
        "quote_of_id": quote_of_id,
        "media_ids": media_ids,
        "poll": poll,
        **({"quotes_from": quotes_from(policy)} if policy else {}),
    }


def _visibility(theirs: str) -> str:
    if not theirs:
        return OURS["public"]
    if theirs not in OURS:
        raise Invalid(f"Visibility must be one of {', '.join(OURS)}")
    return OURS[theirs]


def _poll(params: Params) -> NewPoll | None:
    choices = [text for text in params.texts("options") if text.strip()]
    if not choices:
        return None
    if not params.values.get("expires_in"):
        raise Invalid("Poll: expires_in can't be blank")
    return NewPoll(
        choices=choices,
        seconds=params.number("expires_in", 0, most=10**9),
        multiple=bool(params.flag("multiple")),
        hide_results=bool(params.flag("hide_totals")),
    )


def _describe_media(call: Call) -> None:
    """Apply the descriptions and focal points that come with a status."""
    for item in call.params.children("media_attributes"):
        media.describe(
            owner=call.user,
            media_id=item.id("id") or 0,
            alt=item.text("description"),
            focus=item.text("focus"),
        )


@user("write:statuses")
def edit(call: Call, id: str) -> Json:
    """PUT statuses/:id. Media and polls stay as they are."""
    id_, params = parsed(id), call.params
    _check_unchanged(call, access_tweet(viewer=call.user, tweet_id=id_))
    _describe_media(call)
    spoiler = params.text("spoiler_text")
    sensitive = params.flag("sensitive")
    editing.edit_tweet(
        author=call.user,
        tweet_id=id_,
        text=params.text("status"),
        spoiler=spoiler,
        sensitive=True if spoiler else sensitive,
    )
    return shown(call, id_)


def _check_unchanged(call: Call, tweet: Facts) -> None:
    """Refuse what an edit cannot do, so that nothing is lost unnoticed."""
    before = status(tweet, call.base)
    params = call.params
    media_ids = {int(each["id"]) for each in before["media_attachments"]}
    if "media_ids" in params and set(params.ids("media_ids")) != media_ids:
        raise Invalid("Media of a post cannot be changed")
    options = params.child("poll").texts("options")
    present = [option["title"] for option in (before["poll"] or {}).get("options", [])]
    if options and options != present:
        raise Invalid("The poll of a post cannot be changed")


@user("write:statuses")
def interaction_policy(call: Call, id: str) -> Json:
    """PUT statuses/:id/interaction_policy: who may quote it from now on."""
    allowed = quotes_from(call.params.needed("quote_approval_policy"))
    tweet_id = limit_quotes(author=call.user, tweet_id=parsed(id), quotes_from=allowed)
    return shown(call, tweet_id)


@user("write:statuses")
def delete(call: Call, id: str) -> Json:
    """DELETE statuses/:id: the status, with its text for "delete and redraft"."""
    id_ = parsed(id)
    tweet = access_tweet(viewer=call.user, tweet_id=id_)
    if not tweet.mine:
        raise NotYours
    body = {**status(tweet, call.base), "text": tweet.text}
    deleting.delete_tweet(author=call.user, tweet_id=id_)
    return body


@public("read:statuses")
def context(call: Call, id: str) -> Json:
    """GET statuses/:id/context: what is above and below, in the order of the thread."""
    most = MOST_BELOW if call.viewer else MOST_BELOW_ANONYMOUS
    found = threads.around(viewer=call.viewer, tweet_id=parsed(id), most=most)
    both = statuses([*found.above, *found.below], call.base)
    border = len(found.above)
    return {"ancestors": both[:border], "descendants": both[border:]}


@user("read:statuses")
def source(call: Call, id: str) -> Json:
    """GET statuses/:id/source: the text as its author typed it."""
    tweet = access_tweet(viewer=call.user, tweet_id=parsed(id))
    if not tweet.mine:
        raise NotYours
    return {"id": str(tweet.id), "text": tweet.text, "spoiler_text": tweet.spoiler}


@public("read:statuses")
def history(call: Call, id: str) -> list[Json]:
    """GET statuses/:id/history: all versions, the oldest first."""
    id_ = parsed(id)
    tweet = access_original(viewer=call.viewer, tweet_id=id_)
    page = PageRequest(limit=100)
    versions = threads.history(viewer=call.viewer, tweet_id=id_, page=page).results
    account = accounts(call, [access_account(user_id=tweet.author_id)])[0]
    present = status(tweet, call.base)
    choices = [{"title": each["title"]} for each in (present["poll"] or {}).get("options", [])]
    poll = {"poll": {"options": choices}} if choices else {}
    return [
        {
            "content": html_of(version.text, version.mentions, call.base),
            "spoiler_text": version.spoiler,
            "sensitive": version.sensitive or version.spoiler != "",
            "created_at": rfc3339(version.created_at),
            "account": account,
            "media_attachments": present["media_attachments"],
            "emojis": [],
            **poll,
        }
        for version in reversed(versions)
    ]
