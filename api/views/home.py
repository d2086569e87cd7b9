"""View for the home timeline."""

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.models import User
from api.authentication import signed_in_user
from api.presenters.tweets import TweetSerializer, represent_page
from api.presenters.why import ExplanationSerializer, represent_explanation
from api.renderers import rendered
from api.schema import PAGE_PARAMETERS, errors, page_of
from api.views.tweets import TWEET_ID, parsed
from chirp.pagination import PageRequest
from timelines import explain, readers, selectors
from timelines.readers import Reader


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
        description="Tweets of the viewer and of the accounts they follow, newest first.",
        tags=["timelines"],
        parameters=PAGE_PARAMETERS,
        responses={200: page_of(TweetSerializer), **errors(400, 401)},
    )
    def get(self, request: Request) -> HttpResponse:
        """A page of the home timeline."""
        viewer = signed_in_user(request)
        unwrapped = request._request  # the wrapper makes each access to an attribute slower
        page = PageRequest.of(unwrapped.GET)
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
