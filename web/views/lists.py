"""Lists of people: own lists, their members, and which of them a person is on."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from chirp.pagination import PageRequest
from lists import selectors, services
from people.selectors import access_user
from timelines.lists import list_timeline as timeline
from web.auth import signed_in, viewer_of
from web.forms.base import respond_form
from web.forms.lists import ChooseListsForm, ListForm, MemberForm
from web.limits import limit_account
from web.presenters.people import rows
from web.presenters.tweets import cards
from web.responses import go_back, is_htmx, respond
from web.viewer import viewer_context

shows_form = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@signed_in
def lists(request: HttpRequest, me: User) -> HttpResponse:
    """The lists of the signed-in user."""
    found = selectors.lists_of(viewer=me, owner=me)
    return respond(request, "pages/lists/lists.html", {"lists": found, "person": me})


@require_safe
def lists_of(request: HttpRequest, handle: str) -> HttpResponse:
    """The lists of a person that are not private."""
    viewer = viewer_of(request)
    person = access_user(viewer=viewer, handle=handle)
    found = selectors.lists_of(viewer=viewer, owner=person)
    return respond(request, "pages/lists/lists.html", {"lists": found, "person": person})


@shows_form
@signed_in
def new_list(request: HttpRequest, me: User) -> HttpResponse:
    """Create a list."""
    form = ListForm(request.POST if request.method == "POST" else None)
    created: list[int] = []

    def act(*, name: str, private: bool, exclusive: bool) -> None:
        limit_account(request)
        made = services.create_list(owner=me, name=name, private=private, exclusive=exclusive)
        created.append(made.pk)

    if form.is_bound and form.passes(act):
        return go_back(request, reverse("list_members", args=[created[0]]))
    return respond_form(request, "pages/lists/edit.html", form, {"found": None})


@shows_form
@signed_in
def edit_list(request: HttpRequest, me: User, list_id: int) -> HttpResponse:
    """Change a list."""
    found = services.own_list(owner=me, list_id=list_id)
    form = ListForm.of(found, request.POST if request.method == "POST" else None)

    def act(**changes: object) -> None:
        limit_account(request)
        services.change_list(owner=me, list_id=list_id, **changes)

    if form.is_bound and form.passes(act):
        return go_back(
            request, reverse("list", args=[list_id]), say=gettext("The list is changed.")
        )
    return respond_form(request, "pages/lists/edit.html", form, {"found": found})


@require_POST
@signed_in
def delete_list(request: HttpRequest, me: User, list_id: int) -> HttpResponse:
    """Delete a list. Idempotent."""
    limit_account(request)
    services.delete_list(owner=me, list_id=list_id)
    return go_back(request, reverse("lists"), say=gettext("The list is deleted."))


@require_safe
def list_timeline(request: HttpRequest, list_id: int) -> HttpResponse:
    """The tweets of the people on a list."""
    viewer = viewer_of(request)
    found = selectors.access_list(viewer=viewer, list_id=list_id)
    page = timeline(viewer=viewer, found=found, page=PageRequest.of(request.GET))
    context = {
        "found": found,
        "mine": viewer == found.owner,
        "page": page,
        "cards": cards(page.results, viewer=viewer_context(request)),
    }
    return respond(request, "pages/lists/timeline.html", context, fragment="fragments/feed.html")


@shows_form
def list_members(request: HttpRequest, list_id: int) -> HttpResponse:
    """The people on a list; its owner may add and remove some."""
    viewer = viewer_of(request)
    found = selectors.access_list(viewer=viewer, list_id=list_id)
    mine = viewer is not None and found.owner_id == viewer.pk
    form = MemberForm(request.POST if mine and request.method == "POST" else None)

    def act(*, handle: str) -> None:
        limit_account(request)
        user = access_user(viewer=viewer, handle=handle.strip().removeprefix("@"))
        services.add_member(owner=found.owner, list_id=list_id, user=user)

    if form.is_bound and form.passes(act):
        return go_back(request, reverse("list_members", args=[list_id]))
    page = selectors.members(viewer=viewer, found=found, page=PageRequest.of(request.GET))
    context = {"found": found, "mine": mine, "page": page}
    context["rows"] = rows(page.results, viewer=viewer)
    if is_htmx(request):
        return respond(request, "fragments/list_members.html", context)
    return respond_form(request, "pages/lists/members.html", form, context)


@require_POST
@signed_in
def remove_member(request: HttpRequest, me: User, list_id: int, handle: str) -> HttpResponse:
    """Take a person off a list. Idempotent."""
    limit_account(request)
    services.remove_member(owner=me, list_id=list_id, handle=handle)
    return go_back(request, reverse("list_members", args=[list_id]))


@shows_form
@signed_in
def lists_with(request: HttpRequest, me: User, handle: str) -> HttpResponse:
    """Choose which of one's lists a person is on."""
    person = access_user(viewer=me, handle=handle)
    own = selectors.lists_of(viewer=me, owner=me)
    on = selectors.lists_with(owner=me, user=person)
    form = ChooseListsForm(request.POST if request.method == "POST" else None, lists=own, on=on)

    def act(*, list_ids: list[int]) -> None:
        limit_account(request)
        services.choose_lists(owner=me, user=person, list_ids=list_ids)

    if form.is_bound and form.passes(act):
        return go_back(request, reverse("profile", args=[person.handle]), say=gettext("Saved."))
    return respond_form(request, "pages/lists/choose.html", form, {"person": person, "lists": own})
