"""What the composer asks for while somebody writes."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from accounts.models import User
from search import completion
from web.auth import signed_in
from web.responses import respond


@require_safe
@signed_in
def complete_mention(request: HttpRequest, me: User) -> HttpResponse:
    """People for `@` and the beginning of a handle or name, hashtags for `#`, as options."""
    found = completion.complete(viewer=me, query=request.GET.get("q", "").replace("\x00", ""))
    return respond(request, "fragments/mentions.html", {"found": found})
