"""The API of timelines that need more than tweets: home."""

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
from timelines import candidates, selectors


class HomeView(APIView):
    """One's own home timeline."""

    pulled: list[int] | None = None

    def find_user(self, *, user_id: int) -> User | None:
        """Whose token it is, and in `pulled` whom they have to pull: one query tells both."""
        found = candidates.find_reader(user_id=user_id)
        if found is None:
            return None
        user, self.pulled = found
        return user

    @extend_schema(
        operation_id="home_timeline",
        summary="Your home timeline",
        description="Tweets of the people you follow and your own, newest first, to the very end.",
        tags=["timelines"],
        parameters=PAGE_PARAMETERS,
        responses={200: page_of(TweetSerializer), **errors(400, 401)},
    )
    def get(self, request: Request) -> HttpResponse:
        """One page of it."""
        viewer = signed_in_user(request)
        plain = request._request  # whatever is asked through its wrapper takes longer
        page = selectors.home(viewer=viewer, page=PageRequest.of(plain.GET), pulled=self.pulled)
        return rendered(represent_page(plain, page))
