"""Results of searches, trends, completions and suggestions as JSON."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from django.http import HttpRequest
from rest_framework import serializers
from rest_framework.request import Request

from accounts.models import User
from api.pages import page_body
from api.presenters.people import ProfileSerializer, represent_profiles
from api.schema import base_of
from chirp.pagination import Page
from people.suggestions import Suggestion
from search.completion import Completions
from search.hashtags import Used

Json = dict[str, Any]


def represent_hashtags(request: HttpRequest | Request, page: Page[Used]) -> Json:
    """The JSON of a page of hashtags."""
    hashtags = _hashtags(page.results, base_of(request))
    return page_body(request, Page(hashtags, next=page.next, previous=page.previous))


def _hashtags(used: Sequence[Used], base: str) -> list[Json]:
    return [
        {"tag": tag, "authors": authors, "url": f"{base}/hashtag/{quote(tag)}"}
        for tag, authors in used
    ]


def represent_people(request: HttpRequest | Request, viewer: User | None, page: Page[User]) -> Json:
    """The JSON of a page of users."""
    profiles = represent_profiles(viewer=viewer, users=page.results, base=base_of(request))
    return page_body(request, Page(profiles, next=page.next, previous=page.previous))


def represent_completions(
    request: HttpRequest | Request, viewer: User | None, found: Completions
) -> Json:
    """The JSON of completions."""
    base = base_of(request)
    return {
        "users": represent_profiles(viewer=viewer, users=found.people, base=base),
        "hashtags": _hashtags(found.hashtags, base),
    }


def represent_suggestions(
    request: HttpRequest | Request, viewer: User, found: Sequence[Suggestion]
) -> Json:
    """The JSON of a list of suggestions."""
    users = User.objects.in_bulk([suggestion.person.pk for suggestion in found])
    kept = [suggestion for suggestion in found if suggestion.person.pk in users]
    profiles = represent_profiles(
        viewer=viewer,
        users=[users[suggestion.person.pk] for suggestion in kept],
        base=base_of(request),
    )
    results = [
        {
            "user": profile,
            "reason": {
                "kind": "followed_by" if suggestion.friends else "popular",
                "count": suggestion.friends,
                "handles": suggestion.handles,
                "text": suggestion.reason,
            },
        }
        for suggestion, profile in zip(kept, profiles, strict=True)
    ]
    return page_body(request, Page(results))


class HashtagSerializer(serializers.Serializer[Any]):
    """A hashtag."""

    tag = serializers.CharField(help_text="Without the #, in lower case.")
    authors = serializers.IntegerField(
        min_value=0,
        help_text="The number of users who used it in public tweets within the last eight days, "
        "counted some minutes ago.",
    )
    url = serializers.URLField()


class CompletionsSerializer(serializers.Serializer[Any]):
    """Completions of a word, the best match of each kind first."""

    users = ProfileSerializer(many=True)
    hashtags = HashtagSerializer(many=True)


class ReasonSerializer(serializers.Serializer[Any]):
    """Why a user is suggested."""

    kind = serializers.ChoiceField(
        choices=["followed_by", "popular"],
        help_text="Users whom the viewer follows follow this one, or many others do.",
    )
    count = serializers.IntegerField(
        min_value=0, help_text="How many users whom the viewer follows follow this one."
    )
    handles = serializers.ListField(
        child=serializers.CharField(), help_text="At most two of their handles."
    )
    text = serializers.CharField(help_text="The reason in words.")


class SuggestionSerializer(serializers.Serializer[Any]):
    """A user that the viewer could follow."""

    user = ProfileSerializer()
    reason = ReasonSerializer()
