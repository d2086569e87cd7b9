"""The admin for moderators: cases, strikes and appeals. docs/moderation.md explains it."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, get_script_prefix, path, reverse
from django.utils import timezone

import moderation.blocks.admin
import moderation.site.admin  # noqa: F401 - registers them
from accounts.admin import OwnedAdmin
from accounts.models import User
from chirp.admin import ReadOnlyAdmin, rows_of
from chirp.admin_confirmation import Question, dangerous, digest_of
from chirp.errors import ChirpError, Kind
from moderation import appeals, deciding, notes, selectors, wording
from moderation.forms import AccountForm, AnswerForm, DecisionForm, NoteForm
from moderation.models import Action, Appeal, AuditEntry, Case, Note, Report, ReportedTweet, Strike
from tweets.read.media import reported_thumbnails


class Open(admin.SimpleListFilter):
    """Filter by whether a moderator has to decide; at first only what is open is listed."""

    title = "state"
    parameter_name = "state"
    field = "closed_at"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the other states."""
        return [("closed", "Decided"), ("all", "All")]

    def choices(self, changelist: Any) -> Any:
        """Yield the states, of which the first is the default."""
        for choice in super().choices(changelist):
            yield {**choice, "display": "Open"} if choice["query_string"] == "?" else choice

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the rows in the chosen state."""
        if self.value() == "all" or request.resolver_match.view_name.endswith("_change"):  # type: ignore[union-attr]
            return queryset
        return queryset.filter(**{f"{self.field}__isnull": self.value() != "closed"})


class OpenAppeals(Open):
    """The same for appeals."""

    field = "decided_at"


@admin.register(Case)
class CaseAdmin(OwnedAdmin[Case]):
    """The queue: what was reported of each account, and what to do about it."""

    owner = "account"
    list_display = ("account", "reported", "assignee", "opened_at", "closed_at", "outcome")
    list_select_related = ("account", "assignee")
    list_filter = (Open,)
    search_fields = ("account__handle",)
    search_help_text = "The handle of an account."
    actions = ("dismiss",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Case]:
        """Return the cases with the number of their reports."""
        return super().get_queryset(request).annotate(report_count=Count("reports"))

    def get_urls(self) -> list[URLPattern]:
        """Return the addresses of the admin, and of the forms on the page of a case."""
        name = "moderation_case_{}"
        own = [
            path(f"<int:case_id>/{verb}/", self.admin_site.admin_view(view), name=name.format(verb))
            for verb, view in (
                ("decide", self.decide),
                ("assign", self.assign),
                ("note", self.note),
            )
        ]
        return [*own, *super().get_urls()]

    def has_add_permission(self, request: HttpRequest, obj: Case | None = None) -> bool:
        """Whether the user may begin a case without a report."""
        return self.has_moderate_permission(request)

    @admin.display(description="Reports")
    def reported(self, case: Case) -> int:
        """Return the number of reports."""
        return int(case.report_count)  # type: ignore[attr-defined]

    @admin.action(description="Dismiss: nothing is wrong", permissions=["moderate"])
    def dismiss(self, request: HttpRequest, queryset: QuerySet[Case]) -> None:
        """Close the selected cases without an action."""

        def act(case: Case) -> None:
            deciding.decide(
                case_id=case.pk, by=_operator(request), action=Action.DISMISS, now=timezone.now()
            )

        self.each(request, rows_of(queryset.order_by("pk")), act, "Dismissed")

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Begin a case about an account that nobody reported."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = AccountForm(request.POST if request.method == "POST" else None)
        if form.is_valid():
            case = deciding.begin_case(account=form.account)
            return HttpResponseRedirect(_address(case))
        context = {**self._context(request, "Begin a case"), "form": form}
        return TemplateResponse(request, "admin/moderation/begin.html", context)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Return the page of a case. Its forms are sent to addresses of their own."""
        case = self.get_object(request, object_id)
        if case is None:
            raise Http404
        if request.method not in ("GET", "HEAD") or not self.has_view_permission(request, case):
            raise PermissionDenied
        return self._page(request, case)

    def decide(self, request: HttpRequest, case_id: int) -> HttpResponse:
        """Decide about a case, after a second question."""
        case = self._case(request, case_id)
        if request.method != "POST":  # "No, go back" of the question leads here
            return HttpResponseRedirect(_address(case))
        form = DecisionForm(request.POST, reported=_reported(case))
        if not form.is_valid():
            return self._page(request, case, form, status=400)
        question = _question(case, form.cleaned_data)
        if question is not None and not question.is_answered_by(request):
            return self.ask(request, question)

        def act() -> None:
            deciding.decide(
                case_id=case.pk, by=_operator(request), now=timezone.now(), **form.cleaned_data
            )

        if error := self._try(request, case, act, f"Decided: {form.cleaned_data['action']}."):
            form.add_error(error.at if error.at in form.fields else None, error.detail)
            return self._page(request, case, form, status=_status(error))
        return HttpResponseRedirect(reverse("admin:moderation_case_changelist"))

    def assign(self, request: HttpRequest, case_id: int) -> HttpResponse:
        """Take a case, or give it back."""
        case = self._case(request, case_id)
        to = _operator(request) if "take" in request.POST else None
        act = partial(deciding.assign, case_id=case.pk, by=_operator(request), to=to)
        self._do(request, case, act, f"Assigned to {to or 'nobody'}.")
        return HttpResponseRedirect(_address(case))

    def note(self, request: HttpRequest, case_id: int) -> HttpResponse:
        """Add a note about the account of a case."""
        if not request.user.has_perm("moderation.add_note"):
            raise PermissionDenied
        case = self._case(request, case_id)
        form = NoteForm(request.POST)
        if not form.is_valid():
            return self._page(request, case, note=form, status=400)
        text, by = form.cleaned_data["text"], _operator(request)
        act = partial(notes.add_note, account_id=case.account_id, by=by, text=text)
        self._do(request, case, act, "Added a note.")
        return HttpResponseRedirect(_address(case))

    def _case(self, request: HttpRequest, case_id: int) -> Case:
        """Return a case for somebody who may decide. Raises Http404 and PermissionDenied."""
        if not self.has_moderate_permission(request):
            raise PermissionDenied
        case = self.get_object(request, str(case_id))
        if case is None:
            raise Http404
        return case

    def _do(self, request: HttpRequest, case: Case, act: Callable[[], object], done: str) -> None:
        """Act if the form was sent, and say what was done or why not."""
        error = self._try(request, case, act, done) if request.method == "POST" else None
        if error is not None:
            self.message_user(request, error.detail, messages.ERROR)

    def _try(
        self, request: HttpRequest, case: Case, act: Callable[[], object], done: str
    ) -> ChirpError | None:
        """Act and write the admin's log in one transaction. Returns why it was refused."""
        try:
            with transaction.atomic():
                act()
                self.log_change(request, case, done)
        except ChirpError as error:
            return error
        self.message_user(request, f"{case.account}: {done}", messages.SUCCESS)
        return None

    def _page(
        self,
        request: HttpRequest,
        case: Case,
        form: DecisionForm | None = None,
        note: NoteForm | None = None,
        status: int = 200,
    ) -> HttpResponse:
        found = selectors.dossier(case)
        pictures = reported_thumbnails([row.tweet_id for row in found.tweets])
        chosen = set(form["tweet_ids"].value() or ()) if form else set()
        context = {
            **self._context(request, f"Case of {case.account}"),
            "found": found,
            "tweets": [
                (row, str(row.tweet_id) in chosen, _urls(pictures.get(row.tweet_id, ())))
                for row in found.tweets
            ],
            "form": form or DecisionForm(reported=_reported(case)),
            "note_form": note or NoteForm(),
            "may_decide": self.has_moderate_permission(request) and case.closed_at is None,
            "may_note": request.user.has_perm("moderation.add_note"),
        }
        return TemplateResponse(request, "admin/moderation/case.html", context, status=status)

    def _context(self, request: HttpRequest, title: str) -> dict[str, Any]:
        return {**self.admin_site.each_context(request), "opts": self.opts, "title": title}


@admin.register(Strike)
class StrikeAdmin(OwnedAdmin[Strike]):
    """Strikes, the latest first. Lifting one ends its effects."""

    owner = "account"
    list_display = ("id", "account", "action", "reason", "moderator", "created_at", "lifted_at")
    list_display_links = ("id",)
    list_select_related = ("account", "moderator")
    list_filter = ("action",)
    search_fields = ("account__handle",)
    search_help_text = "The handle of an account."
    fields = (
        *("account", "action", "reason", "tweet_ids", "moderator", "created_at", "mailed"),
        *("lifted_at", "lifted_by"),
    )
    readonly_fields = fields
    actions = ("lift",)

    @dangerous("These decisions are taken back, and the people are told.")
    @admin.action(description="Lift", permissions=["moderate"])
    def lift(self, request: HttpRequest, queryset: QuerySet[Strike]) -> None:
        """Lift the selected strikes."""

        def act(strike: Strike) -> None:
            deciding.lift(strike_id=strike.pk, by=_operator(request), now=timezone.now())

        self.each(request, rows_of(queryset), act, "Lifted")


@admin.register(Appeal)
class AppealAdmin(OwnedAdmin[Appeal]):
    """Appeals against strikes: accept or reject them."""

    owner = "strike__account"
    list_display = ("strike", "text", "created_at", "decided_at", "accepted")
    list_select_related = ("strike__account",)
    list_filter = (OpenAppeals,)
    search_fields = ("strike__account__handle",)
    search_help_text = "The handle of an account."

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Return the page of an appeal, and decide about it."""
        found = self.get_object(request, object_id)
        if found is None:
            raise Http404
        may_decide = self.has_moderate_permission(request)
        if not (may_decide if request.method == "POST" else self.has_view_permission(request)):
            raise PermissionDenied
        form = AnswerForm(request.POST if request.method == "POST" else None)
        if form.is_valid() and self._decides(request, found, form):
            return HttpResponseRedirect(reverse("admin:moderation_appeal_changelist"))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"Appeal of {found.strike.account}",
            "appeal": found,
            "done": wording.decision(found.strike.action, found.strike.reason),
            "form": form,
            "may_decide": may_decide and found.decided_at is None,
        }
        status = 400 if form.errors else 200
        return TemplateResponse(request, "admin/moderation/appeal.html", context, status=status)

    def _decides(self, request: HttpRequest, found: Appeal, form: forms.Form) -> bool:
        accept = "accept" in request.POST
        done = "Accepted" if accept else "Rejected"
        try:
            with transaction.atomic():
                appeals.decide_appeal(
                    strike_id=found.pk,
                    by=_operator(request),
                    accept=accept,
                    answer=form.cleaned_data["answer"],
                    now=timezone.now(),
                )
                self.log_change(request, found, f"{done}.")
        except ChirpError as error:
            form.add_error(None, error.detail)
            return False
        self.message_user(request, f"{done}: the appeal of {found.strike.account}.")
        return True


@admin.register(Report)
class ReportAdmin(OwnedAdmin[Report]):
    """What people reported. Moderators decide about cases, which hold the reports."""

    owner = "reporter"
    list_display = ("id", "case", "category", "reporter", "created_at")
    list_select_related = ("case__account", "reporter")
    list_filter = ("category",)
    search_fields = ("reporter__handle",)
    search_help_text = "The handle of somebody who reported."
    fields = ("case", "reporter", "category", "rule_ids", "comment", "created_at")
    readonly_fields = fields


@admin.register(Note)
class NoteAdmin(OwnedAdmin[Note]):
    """Notes about accounts. They are added on the page of a case."""

    owner = "account"
    list_display = ("id", "account", "text", "author", "created_at")
    list_select_related = ("account", "author")
    search_fields = ("account__handle",)
    search_help_text = "The handle of an account."
    fields = ("account", "author", "text", "created_at")
    readonly_fields = fields


def _operator(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # the admin rejects anonymous visitors
    return request.user


def _address(case: Case) -> str:
    return reverse("admin:moderation_case_change", args=[case.pk])


def _reported(case: Case) -> list[int]:
    rows = ReportedTweet.objects.filter(report__case=case).order_by("tweet_id")
    return list(rows.values_list("tweet_id", flat=True).distinct())


def _urls(paths: Any) -> list[str]:
    return [get_script_prefix() + each for each in paths]


def _status(error: ChirpError) -> int:
    return {Kind.CONFLICT: 409, Kind.NOT_ALLOWED: 403}.get(error.kind, 400)


def _question(case: Case, data: dict[str, Any]) -> Question | None:
    """Return the question before a decision; a dismissal needs none."""
    action = Action(data["action"])
    if action == Action.DISMISS:
        return None
    lines = [str(case.account), f"Reason: {data['reason']}"]
    if data["tweet_ids"]:
        lines.append(f"Tweets: {', '.join(map(str, data['tweet_ids']))}")
    return Question(
        title=f"{action.label}?",
        consequence="The person is told, and it counts as a strike.",
        lines=lines,
        more=0,
        digest=digest_of([case.pk, action, *lines]),
    )


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin[AuditEntry]):
    """The audit log, the latest first. Nobody can change it, here or elsewhere."""

    list_display = ("id", "created_at", "what", "actor_id", "account_id", "subject", "subject_id")
    list_display_links = ("id",)
    list_filter = ("what",)
    search_fields = ("=account_id",)  # enables the search box; see get_search_results
    search_help_text = "The handle of an account that acted, or that it concerns."
    fields = (*list_display, "address", "before", "after")
    readonly_fields = fields

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[AuditEntry], search_term: str
    ) -> tuple[QuerySet[AuditEntry], bool]:
        """Return the entries by and about one account, which indexes serve."""
        term = search_term.strip().removeprefix("@")
        if not term:
            return super().get_search_results(request, queryset, "")
        ids = list(User.objects.by_handle(term).values_list("pk", flat=True))
        entries = AuditEntry.objects
        about, by = entries.filter(account_id__in=ids), entries.filter(actor_id__in=ids)
        return self.found(queryset, about, by), False

    def has_moderate_permission(self, request: HttpRequest) -> bool:
        """Refuse: there is nothing to do but to read."""
        return False
