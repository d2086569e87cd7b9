"""Reports to the moderators as entities."""

from collections.abc import Sequence
from typing import Any

from accounts.models import User
from chirp.times import rfc3339
from mastodon.presenters.accounts import accounts
from moderation.models import Category, Report

Json = dict[str, Any]
CATEGORIES = {
    "spam": Category.SPAM,
    "legal": Category.ILLEGAL,
    "violation": Category.RULES,
    "other": Category.OTHER,
}
_NAMES = {ours: theirs for theirs, ours in CATEGORIES.items()}


def report(
    found: Report, *, reporter: User, about: User, tweet_ids: Sequence[int], base: str
) -> Json:
    """A Report that was made just now. Nobody has decided yet."""
    return {
        "id": str(found.pk),
        "action_taken": False,
        "action_taken_at": None,
        "category": _NAMES[Category(found.category)],
        "comment": found.comment,
        "forwarded": False,
        "created_at": rfc3339(found.created_at),
        "status_ids": [str(id_) for id_ in tweet_ids],
        "rule_ids": [str(id_) for id_ in found.rule_ids],
        "collection_ids": [],
        "target_account": accounts(viewer=reporter, users=[about], base=base)[0],
    }
