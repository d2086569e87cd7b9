"""What a poll may be. No Django."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from chirp.errors import ChirpError
from chirp.plain_text import BadText, clean_line
from chirp.texts import text as _

MIN_CHOICES, MAX_CHOICES = 2, 4
CHOICE_LENGTH = 50
MIN_SECONDS, MAX_SECONDS = 5 * 60, 7 * 24 * 60 * 60


class BadPoll(ChirpError):
    """Raised when the choices or the duration of a new poll are not valid."""

    field = "poll"


class BadChoices(ChirpError):
    """Raised when a vote names no choice of the poll, or several where one is allowed."""

    field = "choices"


@dataclass(frozen=True, slots=True)
class NewPoll:
    """A poll as its author enters it. It ends `seconds` after the tweet is posted.

    With `multiple` one may vote for several choices; with `hide_results` nobody sees the votes
    before the end.
    """

    choices: Sequence[str]
    seconds: int
    multiple: bool = False
    hide_results: bool = False


def checked(new: NewPoll) -> NewPoll:
    """Return the poll in the form to store. Raises BadPoll, which names the field."""
    choices = [_checked_choice(choice) for choice in new.choices]
    if not MIN_CHOICES <= len(choices) <= MAX_CHOICES:
        message = _(
            "A poll has %(least)s to %(most)s choices.", least=MIN_CHOICES, most=MAX_CHOICES
        )
        raise BadPoll(message, field="poll.choices")
    if len({choice.casefold() for choice in choices}) < len(choices):
        raise BadPoll(_("Two choices are the same."), field="poll.choices")
    if not MIN_SECONDS <= new.seconds <= MAX_SECONDS:
        raise BadPoll(_("A poll lasts 5 minutes to 7 days."), field="poll.expires_in")
    return NewPoll(choices, new.seconds, new.multiple, new.hide_results)


def _checked_choice(choice: str) -> str:
    try:
        text = clean_line(choice, field="poll.choices", limit=CHOICE_LENGTH)
    except BadText as error:
        raise BadPoll(error.text, field="poll.choices") from None
    if not text:
        raise BadPoll(_("A choice cannot be blank."), field="poll.choices")
    return text


def checked_vote(chosen: Collection[int], *, choices: int, multiple: bool) -> list[int]:
    """Return the numbers of the chosen choices, in order. Raises BadChoices.

    `choices` is how many the poll has; they are counted from 0.
    """
    numbers = sorted(set(chosen))
    if not numbers:
        raise BadChoices(_("Choose something."))
    if not 0 <= numbers[0] <= numbers[-1] < choices:
        raise BadChoices(_("The poll has no such choice."))
    if len(numbers) > 1 and not multiple:
        raise BadChoices(_("Only one choice is allowed."))
    return numbers
