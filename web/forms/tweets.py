"""The forms in which tweets are written and edited."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext

from chirp.ids import MAX_ID
from chirp.plain_text import MAX_CLUSTER
from chirp.times import time_zone_names
from tweets import text as texts
from tweets.controls import QUOTES_CHOICES, REPLIES_CHOICES, QuotesFrom, RepliesFrom
from tweets.models import SPOILER_LENGTH
from tweets.places import DEFAULT_RADIUS_KM, MAX_RADIUS_KM, NAME_LENGTH, Circle, NewPlace
from tweets.polls.rules import CHOICE_LENGTH, MAX_CHOICES, NewPoll
from tweets.read.facts import Facts
from tweets.threads import MAX_TWEETS
from tweets.visibility import Visibility
from web.forms.base import ServiceForm, counted_lazy, shown_lazy
from web.forms.media import MediaForm
from web.forms.parts import REST_LENGTH, Part, is_rest, numbered, parts_of, rest_of, unpacked
from web.forms.several import SeveralTextsField
from web.lazy import gettext_lazy as _

AUDIENCES = [
    (Visibility.PUBLIC.value, _("Public")),
    (Visibility.UNLISTED.value, _("Unlisted")),
    (Visibility.FOLLOWERS.value, _("Followers")),
    (Visibility.DIRECT.value, _("Mentioned")),
]


def new_key() -> str:
    """A value that identifies one composer: see accounts/double_submit.py."""
    return uuid.uuid4().hex


def duration(seconds: int) -> str:
    """A number of seconds in words, in the largest unit of which it is a multiple."""
    if seconds % 86_400 == 0:
        return counted_lazy("%(num)s day", "%(num)s days", seconds // 86_400)
    if seconds % 3600 == 0:
        return counted_lazy("%(num)s hour", "%(num)s hours", seconds // 3600)
    if seconds % 60 == 0:
        return counted_lazy("%(num)s minute", "%(num)s minutes", seconds // 60)
    return counted_lazy("%(num)s second", "%(num)s seconds", seconds)


POLL_SECONDS = (300, 1800, 3600, 21_600, 43_200, 86_400, 259_200, 604_800)
POLL_DURATIONS = [(seconds, duration(seconds)) for seconds in POLL_SECONDS]
TIME_FORMAT = "%Y-%m-%dT%H:%M"  # of the fields that browsers have for a time
POLL_FIELDS = ("poll_choices", "poll_seconds", "poll_multiple", "poll_hidden")


class WordsForm(ServiceForm):
    """The text of a tweet, and its content warning."""

    # For the counter of static/js/count.js.
    limit = texts.MAX_LENGTH
    code_points = texts.MAX_CODE_POINTS
    cluster = MAX_CLUSTER

    text = forms.CharField(
        required=False,
        strip=False,
        max_length=4 * texts.MAX_CODE_POINTS,
        widget=forms.Textarea(
            attrs={"rows": 2, "dir": "auto", "placeholder": _("What is happening?")}
        ),
    )
    spoiler = forms.CharField(
        required=False,
        max_length=4 * SPOILER_LENGTH,
        widget=forms.TextInput(
            attrs={"dir": "auto", "placeholder": _("What should people be warned about?")}
        ),
    )


class ComposeForm(MediaForm, WordsForm):
    """A new tweet. `key` distinguishes a form that is sent twice from two tweets.

    `parts` are the texts of the tweets that follow it in a thread, and `rests` what else a draft
    holds, by their numbers from 0 (web/forms/parts.py).
    The place is for scripts to fill in (templates/components/composer_place.html).
    """

    names = {
        "poll": "poll_choices",
        "poll.choices": "poll_choices",
        "poll.expires_in": "poll_seconds",
    }

    most_parts = MAX_TWEETS - 1
    empty_part = Part("")
    usual_quotes = QuotesFrom.EVERYONE.value  # who may quote what the writer posts, by default
    reached = ""  # the handle of the account that a reply reaches, whoever else may see it

    parts = SeveralTextsField(
        most=MAX_TWEETS - 1, max_length=4 * texts.MAX_CODE_POINTS, keep_blank=True
    )
    rests = SeveralTextsField(most=MAX_TWEETS, max_length=REST_LENGTH)
    poll_choices = SeveralTextsField(most=MAX_CHOICES, max_length=4 * CHOICE_LENGTH)
    poll_seconds = forms.TypedChoiceField(
        choices=POLL_DURATIONS, coerce=int, initial=86_400, required=False, empty_value="86400"
    )
    poll_multiple = forms.BooleanField(required=False)
    poll_hidden = forms.BooleanField(required=False)
    visibility = forms.ChoiceField(
        choices=AUDIENCES,
        initial=Visibility.PUBLIC,
        widget=forms.Select({"aria-describedby": "composer-words"}),
    )
    replies_from = forms.ChoiceField(
        choices=[(value, shown_lazy(text)) for value, text in REPLIES_CHOICES],
        initial=RepliesFrom.EVERYONE,
        required=False,
    )
    quotes_from = forms.ChoiceField(
        choices=[(value, shown_lazy(text)) for value, text in QUOTES_CHOICES],
        initial=QuotesFrom.EVERYONE,
        required=False,
    )
    due_at = forms.DateTimeField(
        required=False, widget=forms.DateTimeInput({"type": "datetime-local"}, TIME_FORMAT)
    )
    # The time zone in which `due_at` was shown and typed, whatever the account has chosen since.
    time_zone = forms.CharField(
        required=False,
        max_length=64,
        initial=timezone.get_current_timezone_name,
        widget=forms.HiddenInput,
    )
    draft_id = forms.IntegerField(
        required=False, min_value=1, max_value=MAX_ID, widget=forms.HiddenInput
    )
    scheduled_id = forms.IntegerField(
        required=False, min_value=1, max_value=MAX_ID, widget=forms.HiddenInput
    )
    reply_to_id = forms.IntegerField(
        required=False, min_value=1, max_value=MAX_ID, widget=forms.HiddenInput
    )
    quote_of_id = forms.IntegerField(
        required=False, min_value=1, max_value=MAX_ID, widget=forms.HiddenInput
    )
    key = forms.CharField(required=False, max_length=100, initial=new_key, widget=forms.HiddenInput)
    lat = forms.FloatField(required=False)
    lon = forms.FloatField(required=False)
    place = forms.CharField(required=False, max_length=4 * NAME_LENGTH)
    exact = forms.BooleanField(required=False)

    def full_clean(self) -> None:
        """Read the time in the time zone that the form shows beside it."""
        with timezone.override(self.zone):
            super().full_clean()

    @property
    def zone(self) -> str:
        """The time zone of the form."""
        name = self["time_zone"].value()
        return name if name in time_zone_names() else timezone.get_current_timezone_name()

    @property
    def shown_parts(self) -> list[Part]:
        """The parts to show: as they were typed, and a new one where one was asked for."""
        parts = parts_of(self["parts"].value(), self["rests"].value())
        typed = [part for part in parts if part.rest or part.text.strip()]
        wanted = "add_part" in self.data and len(typed) < MAX_TWEETS - 1
        return typed + [Part(self._addressed())] * wanted

    @property
    def draft_name(self) -> str:
        """What is written here, for the draft that scripts keep; empty if it is saved already."""
        if self["draft_id"].value() or self["scheduled_id"].value():
            return ""
        names = {"reply_to_id": "reply", "quote_of_id": "quote"}
        named = ((kind, self[name].value()) for name, kind in names.items())
        return next((f"{kind}:{id_}" for kind, id_ in named if id_), "new")

    @property
    def first_rest(self) -> str:
        """What a draft holds of the first tweet that the form does not show; empty if nothing."""
        (first,) = parts_of([""], self["rests"].value(), start=0)
        return first.rest

    def _addressed(self) -> str:
        """What a new part begins with: whom the first tweet mentions, if it is only for them."""
        if self["visibility"].value() != Visibility.DIRECT:
            return ""
        handles = texts.mentioned_handles(self["text"].value() or "")
        return "".join(f"@{handle} " for handle in handles)

    @property
    def limits(self) -> bool:
        """Whether something unusual is chosen about replies and quotes."""
        replies, quotes = self["replies_from"].value(), self["quotes_from"].value()
        return (replies or RepliesFrom.EVERYONE, quotes or self.usual_quotes) != (
            RepliesFrom.EVERYONE,
            self.usual_quotes,
        )

    @property
    def poll_texts(self) -> list[str]:
        """The choices of the poll as they were typed."""
        return [text for text in self["poll_choices"].value() if text.strip()][:MAX_CHOICES]

    def clean_rests(self) -> list[str]:
        """What a draft holds besides, if it is as this site wrote it. Raises ValidationError."""
        rests: list[str] = self.cleaned_data["rests"]
        if not all(map(is_rest, rests)):
            raise forms.ValidationError(gettext("This came back changed. Open the draft again."))
        return rests

    def clean(self) -> dict[str, Any]:
        """Replace the fields of a place by `location`, of a poll by `poll`, files by `chosen`."""
        data = {**self.cleaned_data}
        data.pop("time_zone", None)
        data["chosen"] = self.take_chosen(data)
        # A part that still is as it was offered was not written.
        empty = ("", self._addressed().strip())
        rests, typed = data.pop("rests", ()), data.get("parts", ())
        data["parts"] = [
            {**unpacked(part.rest), "text": part.text}
            for part in parts_of(typed, rests)
            if part.rest or part.text.strip() not in empty
        ]
        data |= unpacked(self.first_rest)
        # Forms that were rendered for a reply have no choice of who may reply to it.
        data["replies_from"] = data.get("replies_from") or RepliesFrom.EVERYONE
        data["quotes_from"] = data.get("quotes_from") or None
        choices, seconds, multiple, hidden = (data.pop(name, None) for name in POLL_FIELDS)
        data["poll"] = NewPoll(choices, int(seconds or 0), multiple, hidden) if choices else None
        lat, lon, name, exact = (data.pop(part, None) for part in ("lat", "lon", "place", "exact"))
        if lat is None or lon is None:
            data["location"] = None
        else:
            data["location"] = NewPlace(lat, lon, name=name or "", exact=bool(exact))
        return data

    @classmethod
    def answering(cls, tweet: Facts) -> "ComposeForm":
        """A reply with the visibility and the warning of the tweet that it answers."""
        addressed = f"@{tweet.handle} " if tweet.visibility == Visibility.DIRECT else ""
        text = addressed if not tweet.mine else ""
        initial = {"reply_to_id": tweet.id, "visibility": tweet.visibility, "text": text}
        form = cls(initial={**initial, "spoiler": tweet.spoiler})
        if not tweet.mine:
            form.name_reached(tweet.handle)
        form.fields["text"].widget.attrs["placeholder"] = gettext("Your reply")
        return form

    @classmethod
    def answering_all(cls, tweet: Facts, handles: Sequence[str]) -> "ComposeForm":
        """A reply to a direct tweet that mentions all of these accounts."""
        form = cls.answering(tweet)
        form.initial["text"] = "".join(f"@{handle} " for handle in handles)
        return form

    @classmethod
    def continuing(cls, content: Sequence[Mapping[str, Any]], **more: Any) -> "ComposeForm":
        """The composer with what a draft or a scheduled tweet holds."""
        first, place, poll = content[0], content[0].get("location"), content[0].get("poll")
        initial = {name: value for name, value in first.items() if name in cls.base_fields}
        shown = {"location", "poll", *initial}
        hidden = {name: value for name, value in first.items() if name not in shown}
        initial["parts"] = [tweet.get("text", "") for tweet in content[1:]]
        initial["rests"] = numbered([hidden, *(rest_of(tweet, first) for tweet in content[1:])])
        if place:
            initial |= {**place, "place": place["name"]}
        if poll:
            names = ("choices", "seconds", "multiple", "hide_results")
            initial |= dict(zip(POLL_FIELDS, map(poll.get, names), strict=True))
        return cls(initial={**initial, **more})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._offer_duration()

    def _offer_duration(self) -> None:
        """Add the duration of a poll that another client made to those that are offered."""
        field, chosen = self.fields["poll_seconds"], str(self["poll_seconds"].value() or "")
        if chosen.isdecimal() and len(chosen) < 7 and int(chosen) not in dict(POLL_DURATIONS):
            choices = sorted([*POLL_DURATIONS, (int(chosen), duration(int(chosen)))])
            field.choices = choices  # type: ignore[attr-defined]

    def preset(self, quotes_from: str) -> "ComposeForm":
        """Choose who may quote as the writer did for all tweets, unless the form says otherwise."""
        self.usual_quotes = quotes_from
        self.initial["quotes_from"] = self.initial.get("quotes_from") or quotes_from
        return self

    def name_reached(self, handle: str) -> None:
        """Say in the choice of audiences that a reply reaches the account that it answers."""
        self.reached = handle
        labels = {
            Visibility.FOLLOWERS.value: gettext("Followers and @%(handle)s") % {"handle": handle},
            Visibility.DIRECT.value: gettext("Mentioned, such as @%(handle)s") % {"handle": handle},
        }
        choices = [(value, labels.get(value, label)) for value, label in AUDIENCES]
        self.fields["visibility"].choices = choices  # type: ignore[attr-defined]

    @classmethod
    def sharing(cls, shared: Mapping[str, str]) -> "ComposeForm":
        """The composer with what an app shares: `title`, `text` and `url`, each only once."""
        text = ""
        for part in (shared.get(name, "").strip() for name in ("title", "text", "url")):
            if part not in text:
                text = f"{text}\n{part}".strip()
        return cls(initial={"text": text.replace("\0", "")[: 4 * texts.MAX_CODE_POINTS]})

    @classmethod
    def quoting(cls, tweet: Facts) -> "ComposeForm":
        """A quote without a text."""
        form = cls(initial={"quote_of_id": tweet.id})
        form.fields["text"].widget.attrs["placeholder"] = gettext("Add a comment")
        return form


class EditForm(WordsForm):
    """Changes of an existing tweet."""

    sensitive = forms.BooleanField(required=False, label=_("Sensitive content"))
    remove_place = forms.BooleanField(required=False, label=_("Remove the place"))

    @classmethod
    def of(cls, tweet: Facts) -> "EditForm":
        """The form with the current text of a tweet."""
        names = ("text", "spoiler", "sensitive")
        return cls(initial={name: getattr(tweet, name) for name in names})


def _number(label: str, most: float, *, least: float, **more: Any) -> forms.CharField:
    bounds = {"type": "number", "step": "any", "min": f"{least:g}", "max": f"{most:g}"}
    widget = forms.TextInput(attrs=bounds)
    return forms.CharField(label=label, max_length=400, widget=widget, **more)


class NearbyForm(ServiceForm):
    """A point and a radius around it, ten kilometres by default."""

    lat = _number(_("Latitude"), 90, least=-90)
    lon = _number(_("Longitude"), 180, least=-180)
    radius_km = _number(
        _("Kilometres"), MAX_RADIUS_KM, least=0, required=False, initial=f"{DEFAULT_RADIUS_KM:g}"
    )

    @classmethod
    def of(cls, parameters: Mapping[str, str]) -> "NearbyForm":
        """The form bound to a query string; unbound if that has no point."""
        if not parameters.keys() & {"lat", "lon"}:
            return cls()
        radius = parameters.get("radius_km") or f"{DEFAULT_RADIUS_KM:g}"
        return cls({**parameters, "radius_km": radius})

    def circle(self) -> Circle | None:
        """The circle that was entered; None if it is not valid, and the form has the errors."""
        found: list[Circle] = []
        self.passes(lambda **where: found.append(Circle.of(where)))
        return found[0] if found else None
