"""View for the home timeline."""

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.models import User
from api.authentication import signed_in_user
from api.presenters.tweets import TweetSerializer, represent_page
from api.renderers import rendered
from api.schema import PAGE_PARAMETERS, errors, page_of
from chirp.pagination import PageRequest
from timelines import readers, selectors
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
