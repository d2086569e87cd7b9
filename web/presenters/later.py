"""Drafts and scheduled tweets as the pages show them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from tweets.later.models import Draft, ScheduledTweet
from web.forms.parts import rest_of, words_of
from web.templating.addresses import url


@dataclass(frozen=True, slots=True)
class Row:
    """A draft or a scheduled tweet. `more` is how many tweets follow the first in a thread.

    `also` is in words what the first has beside its text.
    """

    text: str
    also: str
    more: int
    is_reply: bool
    when: datetime
    reason: str
    edit_url: str
    delete_url: str


def draft_row(draft: Draft) -> Row:
    """A draft, with when it was changed last."""
    edit = f"{url('compose')}?{urlencode({'draft': draft.pk})}"
    return _row(draft.content, draft.updated_at, edit, url("delete_draft", draft.pk), draft.reason)


def scheduled_row(row: ScheduledTweet) -> Row:
    """A scheduled tweet, with when it is due."""
    edit = f"{url('compose')}?{urlencode({'scheduled': row.pk})}"
    return _row(row.content, row.due_at, edit, url("cancel_scheduled", row.pk), "")


def _row(
    content: Sequence[Mapping[str, Any]],
    when: datetime,
    edit_url: str,
    delete_url: str,
    reason: str,
) -> Row:
    first = content[0]
    return Row(
        text=first.get("text", ""),
        also=words_of(rest_of(first, {})),
        more=len(content) - 1,
        is_reply="reply_to_id" in first,
        when=when,
        reason=reason,
        edit_url=edit_url,
        delete_url=delete_url,
    )
