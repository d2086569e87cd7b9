"""View for the home timeline."""

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.models import User
from api.authentication import signed_in_user
from api.presenters.tweets import HomeTweetSerializer, represent_page, represent_ranked
from api.presenters.why import ExplanationSerializer, represent_explanation
from api.renderers import rendered
from api.schema import PAGE_PARAMETERS, errors, page_of
from api.views.tweets import TWEET_ID, parsed
from chirp.errors import ChirpError
from chirp.pagination import PageRequest
from timelines import explain, readers, selectors
from timelines.ranked import home_ranked
from timelines.readers import Reader

VIEWS = ("latest", "ranked")
VIEW = OpenApiParameter(
    "view",
    {"type": "string", "enum": list(VIEWS), "default": VIEWS[0]},
    description="The order of the timeline.",
)


class BadView(ChirpError):
    """The view is unknown."""

    field = "view"
    message = "Must be one of latest, ranked."


class HomeView(APIView):
    """GET /api/timelines/home."""

    reader: Reader | None = None  # for `selectors.home`

    def find_user(self, *, user_id: int) -> User | None:
        """The user of an access token. Also sets `reader`, which the same query loads."""
        found = readers.find(user_id=user_id)
        if found is None:
            return None
        user, self.reader = found
        return user

    @extend_schema(
        operation_id="home_timeline",
        summary="Home timeline",
        description="Tweets of the viewer, of the accounts they follow, and with the hashtags they "
        "follow, newest first. Ranked, it is the recent part of them, at most three days and 300 "
        "entries, in the order of a formula that weighs age, how much others did with a tweet, and "
        "how often the viewer liked, answered or reposted its author lately; `why` says it of each "
        "entry. Pages of a ranked timeline stay in the order of its first page for half an hour.",
        tags=["timelines"],
        parameters=[VIEW, *PAGE_PARAMETERS],
        responses={200: page_of(HomeTweetSerializer), **errors(400, 401)},
    )
    def get(self, request: Request) -> HttpResponse:
        """A page of the home timeline."""
        viewer = signed_in_user(request)
        unwrapped = request._request  # the wrapper makes each access to an attribute slower
        page = PageRequest.of(unwrapped.GET)
        view = unwrapped.GET.get("view", VIEWS[0])
        if view not in VIEWS:
            raise BadView
        if view == "ranked":
            ranked = home_ranked(viewer=viewer, page=page, reader=self.reader)
            return rendered(represent_ranked(unwrapped, ranked))
        tweets = selectors.home(viewer=viewer, page=page, reader=self.reader)
        return rendered(represent_page(unwrapped, tweets))


class WhyView(APIView):
    """GET /api/timelines/home/{tweet_id}/why."""

    @extend_schema(
        operation_id="home_timeline_why",
        summary="Why a tweet is in the home timeline, or not",
        tags=["timelines"],
        parameters=[TWEET_ID],
        responses={200: ExplanationSerializer, **errors(401, 404)},
    )
    def get(self, request: Request, tweet_id: str) -> HttpResponse:
        """Every reason why the tweet is there; or the first rule that keeps it out.

        A repost is explained by its own id. What the viewer may not see is not found.
        """
        viewer = signed_in_user(request)
        explained = explain.explain(viewer=viewer, tweet_id=parsed(tweet_id))
        return rendered(represent_explanation(request, explained))
