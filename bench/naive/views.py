"""Floors and naive views: the cost of the framework alone, and home without the store."""

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from people.models import Block, Follow, Mute
from tweets.models import Like, Tweet


def bare(request: HttpRequest) -> HttpResponse:
    """The floor of a JSON response: only the middleware."""
    return JsonResponse({})


@csrf_exempt
def bare_post(request: HttpRequest) -> HttpResponse:
    """The floor of a POST: it reads the body and ignores it."""
    return JsonResponse({"bytes": len(request.body)}, status=201)


def bare_page(request: HttpRequest) -> HttpResponse:
    """The floor of a page: a template of four lines."""
    return render(request, "bench/bare.html", {"title": "Bare", "words": "Nothing."})


class NaiveAuthorSerializer(serializers.ModelSerializer[User]):
    """The author of a tweet."""

    class Meta:
        model = User
        fields = ("id", "handle", "name", "private")


class NaiveTweetSerializer(serializers.ModelSerializer[Tweet]):
    """A tweet with its author, original, quoted tweet, and marks: N+1 queries."""

    author = NaiveAuthorSerializer()
    repost_of = serializers.SerializerMethodField()
    quote_of = serializers.SerializerMethodField()
    liked = serializers.SerializerMethodField()
    reposted = serializers.SerializerMethodField()

    class Meta:
        model = Tweet
        fields = (
            "id",
            "author",
            "text",
            "visibility",
            "sensitive",
            "spoiler",
            "created_at",
            "edited_at",
            "reply_to_id",
            "conversation_id",
            "repost_of",
            "quote_of",
            "likes_count",
            "reposts_count",
            "quotes_count",
            "replies_count",
            "liked",
            "reposted",
        )

    def get_repost_of(self, tweet: Tweet) -> Any:
        """The complete original."""
        return self._nested(tweet.repost_of)

    def get_quote_of(self, tweet: Tweet) -> Any:
        """The complete quoted tweet."""
        return self._nested(tweet.quote_of)

    def get_liked(self, tweet: Tweet) -> bool:
        """Whether the viewer likes the tweet."""
        return Like.objects.filter(user=self._viewer, tweet=tweet).exists()

    def get_reposted(self, tweet: Tweet) -> bool:
        """Whether the viewer reposted the tweet."""
        mine = Tweet.objects.filter(author=self._viewer, repost_of=tweet, deleted_at=None)
        return mine.exists()

    def _nested(self, tweet: Tweet | None) -> Any:
        return None if tweet is None else NaiveTweetSerializer(tweet, context=self.context).data

    @property
    def _viewer(self) -> User:
        viewer: User = self.context["request"].user
        return viewer


class NaiveHomeView(APIView):
    """Home, pulled from Postgres at each read, with rules 1 to 5 as subqueries."""

    def get(self, request: Request) -> Response:
        """The newest twenty tweets."""
        assert isinstance(request.user, User)
        tweets = NaiveTweetSerializer(
            _home(request.user)[:20], many=True, context={"request": request}
        )
        return Response({"results": tweets.data})


def _home(viewer: User) -> QuerySet[Tweet]:
    follows = Follow.objects.filter(follower=viewer, since_id__isnull=False)
    followees = follows.values("followee")
    unwanted = Q(author__in=Mute.objects.filter(muter=viewer).values("muted"))
    unwanted |= Q(author__in=Block.objects.filter(blocker=viewer).values("blocked"))
    unwanted |= Q(author__in=Block.objects.filter(blocked=viewer).values("blocker"))
    from_followees = Q(author=viewer) | Q(author__in=followees)
    answers = Q(reply_to=None) | Q(reply_to_author__in=followees) | Q(reply_to_author=viewer)
    existing = Tweet.objects.filter(from_followees, answers, deleted_at=None, hidden_at=None)
    return existing.exclude(unwanted).exclude(visibility="direct").order_by("-id")
