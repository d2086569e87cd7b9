"""The forms of the admin's pages for moderators."""

from collections.abc import Iterable
from typing import Any

from django import forms

from accounts.models import User
from chirp import ids
from moderation.models import NOTE_LENGTH, ON_TWEETS, REASON_LENGTH, Action

MOST_IDS = 500  # characters


def _large(**attributes: Any) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": 4, "cols": 80, "dir": "auto", **attributes})


class DecisionForm(forms.Form):
    """What a moderator decides about a case."""

    action = forms.ChoiceField(choices=Action.choices, widget=forms.RadioSelect)
    tweet_ids = forms.MultipleChoiceField(required=False, label="Tweets")
    more_tweets = forms.CharField(
        required=False,
        max_length=MOST_IDS,
        label="Other tweets of this account",
        help_text="Their ids, separated by spaces.",
    )
    reason = forms.CharField(
        required=False,
        max_length=REASON_LENGTH,
        widget=_large(),
        help_text="The person reads it. Not needed to dismiss.",
    )
    mail = forms.BooleanField(required=False, initial=True, label="Tell the person by e-mail too")

    def __init__(self, *args: Any, reported: Iterable[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(str(id_), str(id_)) for id_ in reported]
        self.fields["tweet_ids"].choices = choices  # type: ignore[attr-defined]

    def clean_more_tweets(self) -> list[int]:
        """The ids as numbers."""
        found = [ids.parse(word) for word in self.cleaned_data["more_tweets"].split()]
        if None in found:
            raise forms.ValidationError("Ids are numbers, separated by spaces.")
        return [id_ for id_ in found if id_ is not None]

    def clean(self) -> dict[str, Any]:
        """All tweets together; a reason and tweets where the action needs them."""
        data = {**self.cleaned_data}
        chosen = {int(id_) for id_ in data.get("tweet_ids", ())}
        data["tweet_ids"] = sorted(chosen | set(data.pop("more_tweets", ())))
        action = data.get("action")
        if action and action != Action.DISMISS and not data.get("reason"):
            self.add_error("reason", "Write a reason. The person reads it.")
        if action in ON_TWEETS and not data["tweet_ids"]:
            self.add_error("tweet_ids", "Choose at least one tweet.")
        return data


class NoteForm(forms.Form):
    """A note about an account."""

    text = forms.CharField(max_length=NOTE_LENGTH, label="New note", widget=_large(rows=2))


class AnswerForm(forms.Form):
    """The answer to an appeal."""

    answer = forms.CharField(
        required=False,
        max_length=REASON_LENGTH,
        widget=_large(),
        help_text="The person reads it, with the outcome.",
    )


class AccountForm(forms.Form):
    """Whom a new case is about."""

    handle = forms.CharField(max_length=31)
    account: User

    def clean_handle(self) -> str:
        """The handle of an account."""
        handle = str(self.cleaned_data["handle"]).strip().removeprefix("@")
        found = User.objects.by_handle(handle).first()
        if found is None:
            raise forms.ValidationError("There is no such account.")
        self.account = found
        return handle
