"""The forms in which tweets are written and edited."""

import uuid

from django import forms

from chirp.forms import ServiceForm
from chirp.ids import MAX_ID
from tweets import text as texts
from tweets.hydrate import Facts
from tweets.models import SPOILER_LENGTH, Visibility

AUDIENCES = [
    (Visibility.PUBLIC.value, "Public"),
    (Visibility.UNLISTED.value, "Unlisted"),
    (Visibility.FOLLOWERS.value, "Followers"),
    (Visibility.DIRECT.value, "Mentioned"),
]


def new_key() -> str:
    """What tells one composer from all others."""
    return uuid.uuid4().hex


class WordsForm(ServiceForm):
    """What a tweet says."""

    limit = texts.MAX_LENGTH

    text = forms.CharField(
        required=False,
        strip=False,
        max_length=4 * texts.MAX_CODE_POINTS,
        widget=forms.Textarea(attrs={"rows": 2, "placeholder": "What is happening?"}),
    )
    spoiler = forms.CharField(
        required=False,
        max_length=4 * SPOILER_LENGTH,
        widget=forms.TextInput(attrs={"placeholder": "What should people be warned about?"}),
    )


class ComposeForm(WordsForm):
    """A tweet to be. `key` tells two sendings of one form from two tweets."""

    visibility = forms.ChoiceField(choices=AUDIENCES, initial=Visibility.PUBLIC)
    reply_to_id = forms.IntegerField(
        required=False, min_value=1, max_value=MAX_ID, widget=forms.HiddenInput
    )
    quote_of_id = forms.IntegerField(
        required=False, min_value=1, max_value=MAX_ID, widget=forms.HiddenInput
    )
    key = forms.CharField(required=False, max_length=100, initial=new_key, widget=forms.HiddenInput)

    @classmethod
    def answering(cls, tweet: Facts) -> "ComposeForm":
        """An empty reply, for no more people than the tweet was for."""
        addressed = f"@{tweet.handle} " if tweet.visibility == Visibility.DIRECT else ""
        text = addressed if not tweet.mine else ""
        initial = {"reply_to_id": tweet.id, "visibility": tweet.visibility, "text": text}
        form = cls(initial=initial)
        form.fields["text"].widget.attrs["placeholder"] = "Your reply"
        return form

    @classmethod
    def quoting(cls, tweet: Facts) -> "ComposeForm":
        """A quote without words yet."""
        form = cls(initial={"quote_of_id": tweet.id})
        form.fields["text"].widget.attrs["placeholder"] = "Add a comment"
        return form


class EditForm(WordsForm):
    """A tweet that says something already."""

    sensitive = forms.BooleanField(required=False, label="Sensitive content")

    @classmethod
    def of(cls, tweet: Facts) -> "EditForm":
        """The form with what the tweet says now."""
        names = ("text", "spoiler", "sensitive")
        return cls(initial={name: getattr(tweet, name) for name in names})
