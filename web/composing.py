"""What the buttons of the composer do: post, schedule, or keep a draft."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from accounts.models import User
from chirp.errors import ChirpError
from chirp.texts import text as _
from tweets import threads
from tweets.later import drafts, scheduling
from web.forms.parts import ALIKE
from web.lazy import gettext_lazy


class Later(NamedTuple):
    """The time that was chosen, and what the composer continues: a draft or a scheduled tweet."""

    due_at: datetime | None
    draft_id: int | None
    scheduled_id: int | None


Tweets = Sequence[Mapping[str, Any]]


class End(NamedTuple):
    """What a button of the composer does, what is said then, and the page to go to."""

    do: Callable[[User, Tweets, Later], None]
    said: str
    page: str | None = None


def _publish(me: User, tweets: Tweets, later: Later) -> None:
    """Post the tweet or thread. What it continues is done with then."""
    _take_from_schedule(me, later)
    threads.post_thread(author=me, tweets=tweets)
    _delete_draft(me, later)


def _save(me: User, tweets: Tweets, later: Later) -> None:
    """Keep a draft. A scheduled tweet that is saved is not posted."""
    _take_from_schedule(me, later)
    drafts.save_draft(user=me, draft_id=later.draft_id, tweets=tweets)


def _schedule(me: User, tweets: Tweets, later: Later) -> None:
    """Schedule the tweet or thread, or change it. A draft of it is done with then."""
    if later.due_at is None:
        raise scheduling.BadTime(_("Choose a time."))
    if later.scheduled_id is None:
        scheduling.schedule(user=me, tweets=tweets, due_at=later.due_at)
    else:
        scheduling.reschedule(
            user=me, scheduled_id=later.scheduled_id, tweets=tweets, due_at=later.due_at
        )
    _delete_draft(me, later)


def _take_from_schedule(me: User, later: Later) -> None:
    """Raises AlreadyPosted if its time came while it was changed here: it must not be out twice."""
    scheduled_id = later.scheduled_id
    if scheduled_id is not None and not scheduling.cancel(user=me, scheduled_id=scheduled_id):
        raise scheduling.AlreadyPosted


def _delete_draft(me: User, later: Later) -> None:
    if later.draft_id is not None:
        drafts.delete_draft(user=me, draft_id=later.draft_id)


PUBLISH = End(_publish, gettext_lazy("Your tweet is out."))
# The other buttons, by their names.
ENDS = {
    "save_draft": End(_save, gettext_lazy("Your draft is saved."), "drafts"),
    "schedule": End(_schedule, gettext_lazy("Your tweet is scheduled."), "scheduled"),
}


def perform(end: End, me: User, *, parts: Tweets, **first: Any) -> None:
    """Do with a tweet or a thread what the button says that was pressed.

    `parts` are the further tweets, with what they do not have in common with the first.
    """
    later = Later(*(first.pop(name) for name in Later._fields))
    alike = {name: first[name] for name in ALIKE}
    try:
        end.do(me, [first, *({**alike, **part} for part in parts)], later)
    except ChirpError as error:
        raise _of_the_form(error) from None


def _of_the_form(error: ChirpError) -> ChirpError:
    """The error of one tweet of a thread, as one of the field in which its text was typed."""
    number, __, name = (error.at or "").removeprefix("tweets.").partition(".")
    if not number.isdigit():
        return error
    if number == "0":
        return type(error)(error.text, field=name, retry_after=error.retry_after)
    return type(error)(
        _("Tweet %(number)s: %(error)s", number=int(number) + 1, error=error.text), field="parts"
    )
