"""Views for what administrators write for everybody."""

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.joining import terms as joining
from api.authentication import signed_in_user, viewer_of
from api.presenters.site import (
    AnnouncementSerializer,
    SiteSerializer,
    represent_announcement,
    represent_site,
)
from api.schema import RATE_LIMIT_HEADERS, base_of, errors, page_of
from api.views.tweets import parsed
from moderation.site import services

ANNOUNCEMENT_ID = OpenApiParameter(
    "announcement_id",
    {"type": "string", "pattern": "^[0-9]{1,16}$"},
    OpenApiParameter.PATH,
    description="The id of an announcement.",
)


class SiteView(APIView):
    """/api/site."""

    permission_classes = (AllowAny,)

    @extend_schema(summary="About the site", responses={200: SiteSerializer, **errors(401)})
    def get(self, request: Request) -> Response:
        """Name, description, rules and limits, and who may register."""
        site, rules, terms = services.texts(), services.rules(), joining.current()
        return Response(represent_site(site, rules, terms, base=base_of(request)))


class AnnouncementsView(APIView):
    """/api/announcements."""

    permission_classes = (AllowAny,)

    @extend_schema(
        summary="Announcements", responses={200: page_of(AnnouncementSerializer), **errors(401)}
    )
    def get(self, request: Request) -> Response:
        """Those that hold now, in the order of their start. There is only one page."""
        viewer, found = viewer_of(request), services.current(now=timezone.now())
        dismissed = services.dismissed_by(viewer) if viewer and found else set()
        results = [represent_announcement(a, dismissed=a.pk in dismissed) for a in found]
        return Response({"results": results, "next": None, "previous": None})


class DismissalView(APIView):
    """/api/announcements/{id}/dismissed."""

    @extend_schema(
        summary="Dismiss an announcement",
        parameters=[ANNOUNCEMENT_ID, *RATE_LIMIT_HEADERS],
        request=None,
        responses={204: None, **errors(401, 403, 404, 429)},
    )
    def put(self, request: Request, announcement_id: str) -> Response:
        """The site shows it to the viewer no more. Idempotent."""
        user, id_ = signed_in_user(request), parsed(announcement_id)
        services.dismiss(user=user, announcement_id=id_)
        return Response(status=204)
