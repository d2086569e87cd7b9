"""A second question before dangerous acts in the admin: what will happen, and to whom.

An action asks if it is declared with `dangerous`, and a change of a field if the field is in
`dangerous_fields` of its admin. Deletions ask by Django's own pages. The question is a page with a
form, without scripts. Its answer holds a digest of the question, so that it is asked again if the
rows or the changes are not those that it named.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from django.contrib import admin
from django.contrib.admin.utils import model_ngettext, unquote
from django.db.models import Model, QuerySet
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from chirp.admin_log import Logged

M = TypeVar("M", bound=Model)

if TYPE_CHECKING:

    class Base(admin.ModelAdmin[M]):
        """Any admin: an AsksFirst is mixed into one."""
else:

    class Base(Generic[M]):
        """Any admin, which is generic for type checkers only."""


CONFIRMED = "confirmed"
NAMED_AT_MOST = 50
Action = TypeVar("Action", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Question:
    """What will happen (a sentence), and to whom or in which way: the lines that name it."""

    title: str
    consequence: str
    lines: Sequence[str]
    more: int  # how many lines there would be beyond these
    digest: str  # of all that the question is about

    def is_answered_by(self, request: HttpRequest) -> bool:
        """Return whether the request answers yes to exactly this question."""
        return request.POST.get(CONFIRMED) == self.digest


def dangerous(consequence: str) -> Callable[[Action], Action]:
    """Declare that an action of an AsksFirst needs a second question.

    `consequence` is a sentence about what will happen. Put it above `admin.action`.
    """

    def decorate(action: Action) -> Action:
        @wraps(action)
        def asking(
            model_admin: "AsksFirst[Any]", request: HttpRequest, queryset: QuerySet[Any]
        ) -> HttpResponse | None:
            question = model_admin.question_about(asking, queryset, consequence)
            if question.is_answered_by(request):
                return action(model_admin, request, queryset)  # type: ignore[no-any-return]
            return model_admin.ask(request, question)

        return asking  # type: ignore[return-value]

    return decorate


class AsksFirst(Logged[M], Base[M]):
    """Base of admins with dangerous acts."""

    # Fields whose change grants or takes rights.
    dangerous_fields: ClassVar[Sequence[str]] = ()

    def describe(self, row: M) -> str:
        """Return the name of a row in a question."""
        return str(row)

    def question_about(self, action: Any, queryset: QuerySet[Any], consequence: str) -> Question:
        """Return the question about an action on the selected rows."""
        pks = list(queryset.values_list("pk", flat=True))
        named = queryset[:NAMED_AT_MOST]
        return Question(
            title=f"{action.short_description}: {len(pks)} {model_ngettext(self.opts, len(pks))}?",
            consequence=consequence,
            lines=[self.describe(row) for row in named],
            more=max(len(pks) - NAMED_AT_MOST, 0),
            digest=digest_of(sorted(pks)),
        )

    def ask(
        self, request: HttpRequest, question: Question, again: BaseForm | None = None
    ) -> TemplateResponse:
        """Return the page of a question, which sends the request again with the answer.

        What belongs to the fields of the form `again` is not repeated in the page: the operator
        types it again.
        """
        left_out = {"csrfmiddlewaretoken", CONFIRMED, *(again.fields if again else ())}
        sent = [
            (name, value)
            for name, values in request.POST.lists()
            for value in values
            if name not in left_out
        ]
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": question.title,
            "question": question,
            "again": again,
            "sent": [*sent, (CONFIRMED, question.digest)],
        }
        return TemplateResponse(request, "admin/confirm.html", context)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """Ask before a change of `dangerous_fields`."""
        question = self._question_about_change(request, object_id)
        if question is not None and not question.is_answered_by(request):
            return self.ask(request, question)
        return super().changeform_view(request, object_id, form_url, extra_context)

    def _question_about_change(
        self, request: HttpRequest, object_id: str | None
    ) -> Question | None:
        """Return the question about a valid, allowed change of a dangerous field, if it is one."""
        if request.method != "POST" or not self.dangerous_fields or object_id is None:
            return None
        row = self.get_object(request, unquote(object_id))
        if row is None or not self.has_change_permission(request, row):
            return None
        form = self.get_form(request, row, change=True)(request.POST, instance=row)
        changed = set(form.changed_data) & set(self.dangerous_fields) if form.is_valid() else ()
        if not changed:
            return None
        lines = [_change(form, name) for name in self.dangerous_fields if name in changed]
        return Question(
            title=f"Change the rights of {self.describe(row)}?",
            consequence="From now on this applies:",
            lines=lines,
            more=0,
            digest=digest_of([row.pk, *lines]),
        )


def _change(form: BaseForm, name: str) -> str:
    value = form.cleaned_data[name]
    if isinstance(value, bool):
        words = "yes" if value else "no"
    else:
        words = ", ".join(str(each) for each in value) or "none"
    return f"{form.fields[name].label}: {words}"


def digest_of(values: Iterable[object]) -> str:
    """Return a digest of what a question is about."""
    return hashlib.sha256(repr(list(values)).encode()).hexdigest()
