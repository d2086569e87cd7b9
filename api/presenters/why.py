"""The JSON of why a tweet is in the home timeline or not."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request

from api.presenters.tweets import AuthorSerializer, represent_author
from api.schema import base_of
from chirp.texts import shown
from timelines.explain import Explanation
from timelines.ranked import Rank
from timelines.reasons import Reason

Json = dict[str, Any]
CODES = (
    *("own", "followed", "reposted", "hashtag", "answers_you", "answers_followed"),
    *("not_followed", "exclusive_list", "blocked", "muted", "reposts_hidden", "all_reposts_hidden"),
    *("filtered", "reply_to_other", "before_follow", "pending", "folded", "shown_as"),
)
FACTORS = ("affinity", "engagement", "freshness")
DECIMALS = 3


def represent_explanation(request: Request, explained: Explanation) -> Json:
    """The JSON of an explanation."""
    base = base_of(request)
    return {
        "shown": explained.shown,
        "reasons": [_reason(reason, base) for reason in explained.reasons],
        "rank": _rank(explained.rank) if explained.rank else None,
    }


def _rank(rank: Rank) -> Json:
    factors = [
        {"code": part.code, "factor": round(part.factor, DECIMALS), "text": shown(part.text)}
        for part in rank.parts
    ]
    return {"score": round(rank.score, DECIMALS), "factors": factors}


def _reason(reason: Reason, base: str) -> Json:
    return {
        "code": reason.code,
        "text": shown(reason.text),
        "account": represent_author(reason.account, base) if reason.account else None,
        "tweet_id": str(reason.tweet.id) if reason.tweet else None,
        "hashtag": reason.hashtag or None,
        "lists": [{"id": str(id_), "name": name} for id_, name in reason.lists],
        "filters": [{"id": str(id_), "title": title} for id_, title in reason.filters],
    }


class NamedListSerializer(serializers.Serializer[Any]):
    """A list of the viewer."""

    id = serializers.CharField()
    name = serializers.CharField()


class NamedFilterSerializer(serializers.Serializer[Any]):
    """A filter of the viewer."""

    id = serializers.CharField()
    title = serializers.CharField()


class WhyReasonSerializer(serializers.Serializer[Any]):
    """One reason why a tweet is in the home timeline or not."""

    code = serializers.ChoiceField(choices=CODES, help_text="What the reason is.")
    text = serializers.CharField(help_text="The reason as an English sentence to the viewer.")
    account = AuthorSerializer(
        allow_null=True, help_text="The account that the reason is about, if the viewer may see it."
    )
    tweet_id = serializers.CharField(
        allow_null=True,
        help_text="`folded`, `shown_as`: the entry of the timeline that shows the same tweet.",
    )
    hashtag = serializers.CharField(
        allow_null=True, help_text="`hashtag`: the followed hashtag, without the `#`."
    )
    lists = NamedListSerializer(many=True, help_text="`exclusive_list`: the lists.")
    filters = NamedFilterSerializer(many=True, help_text="`filtered`: the filters.")


class RankFactorSerializer(serializers.Serializer[Any]):
    """A factor of the score in the ranked view."""

    code = serializers.ChoiceField(
        choices=FACTORS,
        help_text="`affinity`: how often the viewer liked, answered or reposted the author lately. "
        "`engagement`: how much others did with the tweet. `freshness`: its age.",
    )
    factor = serializers.FloatField(help_text="Above 1 it moves the tweet up, below 1 down.")
    text = serializers.CharField(help_text="The same as English words to the viewer.")


class RankSerializer(serializers.Serializer[Any]):
    """What the place of a tweet in the ranked view comes from."""

    score = serializers.FloatField(help_text="The product of the factors. The highest comes first.")
    factors = RankFactorSerializer(many=True, help_text="What raises it most comes first.")


class ExplanationSerializer(serializers.Serializer[Any]):
    """Why a tweet is in the home timeline or not."""

    shown = serializers.BooleanField(
        help_text="Whether it is in the home timeline. A page leaves it out all the same if a "
        "newer entry of the page shows the same tweet; the reason `folded` says so."
    )
    reasons = WhyReasonSerializer(many=True)
    rank = RankSerializer(
        allow_null=True,
        help_text="Its rank in the ranked view as of now. Null if it is not in home, is older than "
        "three days, or if a newer entry shows the same tweet.",
    )
