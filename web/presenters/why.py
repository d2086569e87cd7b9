"""Why a tweet is in home or not, as a page shows it: with what the viewer can do about it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext

from chirp import localized
from chirp.texts import shown
from timelines.explain import Explanation
from timelines.ranking import Part
from timelines.reasons import Reason
from tweets.read.facts import Facts
from web.lazy import gettext_lazy as _
from web.templating.addresses import url


@dataclass(frozen=True, slots=True)
class Remedy:
    """What one can do: go to a page, or send a form that changes something (`is_form`).

    `field` is the name of a field that the form has, if it needs one.
    """

    text: str
    address: str
    is_form: bool = False
    field: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """A reason, and what the viewer can do about it."""

    text: str
    remedies: list[Remedy]


@dataclass(frozen=True, slots=True)
class Why:
    """Whether the tweet is in home, as a sentence, and the reasons.

    `rank` are sentences about what moves it in the ranked view; None if it is not there.
    """

    answer: str
    reasons: list[Told]
    rank: list[str] | None


def told(explained: Explanation) -> Why:
    """The explanation as a page shows it."""
    answer = (
        gettext("It is in your home.") if explained.shown else gettext("It is not in your home.")
    )
    rank = _moves(explained.rank.parts) if explained.rank else None
    return Why(
        answer, [Told(shown(each.text), list(_remedies(each))) for each in explained.reasons], rank
    )


def _moves(parts: Sequence[Part]) -> list[str]:
    rounded = [(shown(part.text), round(part.factor, 1)) for part in parts]
    return [f"{text}: × {localized.number(factor)}." for text, factor in rounded if factor != 1]


def _change(action: str, text: str) -> Callable[[Facts], Remedy]:
    def remedy(account: Facts) -> Remedy:
        return Remedy(text % {"handle": account.handle}, url(action, account.handle), is_form=True)

    return remedy


# What one can do about the account of a reason.
_ABOUT_ACCOUNT: dict[str, Callable[[Facts], Remedy]] = {
    "not_followed": _change("follow", _("Follow @%(handle)s")),
    "reply_to_other": _change("follow", _("Follow @%(handle)s")),
    "blocked": _change("unblock", _("Unblock @%(handle)s")),
    "muted": _change("unmute", _("Unmute @%(handle)s")),
    "reposts_hidden": _change("show-reposts", _("Show reposts by @%(handle)s")),
    "reposted": _change("hide-reposts", _("Hide reposts by @%(handle)s")),
    "followed": lambda account: _profile(account),
    "before_follow": lambda account: _profile(account),
}


def _profile(account: Facts) -> Remedy:
    return Remedy(
        gettext("Profile of @%(handle)s") % {"handle": account.handle},
        url("profile", account.handle),
    )


def _remedies(reason: Reason) -> Iterator[Remedy]:
    if reason.account is not None and reason.code in _ABOUT_ACCOUNT:
        yield _ABOUT_ACCOUNT[reason.code](reason.account)
    if reason.code == "all_reposts_hidden":
        yield Remedy(gettext("Show reposts"), url("hide_all_reposts"), is_form=True, field="show")
    if reason.hashtag:
        yield Remedy(
            gettext("Tweets with #%(tag)s") % {"tag": reason.hashtag},
            url("hashtag", reason.hashtag),
        )
    for id_, name in reason.lists:
        yield Remedy(gettext("The list %(name)s") % {"name": name}, url("list_members", id_))
    for id_, title in reason.filters:
        yield Remedy(gettext("Edit the filter %(name)s") % {"name": title}, url("edit_filter", id_))
    if reason.tweet is not None:
        yield Remedy(gettext("Show it"), url("thread", reason.tweet.handle, reason.tweet.id))
