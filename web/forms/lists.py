"""The forms of a list of people."""

from collections.abc import Collection, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from lists.models import NAME_LENGTH, PeopleList
from web.forms.base import ServiceForm
from web.templating.formatting import isolated


class ListForm(ServiceForm):
    """A list: its name, and who may read it."""

    name = forms.CharField(
        label=_("Name"), max_length=4 * NAME_LENGTH, widget=forms.TextInput(attrs={"dir": "auto"})
    )
    private = forms.BooleanField(
        required=False, initial=True, label=_("Private: nobody else can read it")
    )
    exclusive = forms.BooleanField(
        required=False,
        label=_("Take its people out of my home timeline"),
        help_text=_("Their tweets are then only in this list."),
    )

    @classmethod
    def of(cls, found: PeopleList, data: Any = None) -> "ListForm":
        """The form with the values of a list."""
        values = {name: getattr(found, name) for name in ("name", "private", "exclusive")}
        return cls(data, initial=values)


class MemberForm(ServiceForm):
    """A person to put on a list."""

    handle = forms.CharField(
        max_length=60,
        label=_("Put somebody on this list"),
        widget=forms.TextInput(
            attrs={"autocapitalize": "none", "spellcheck": "false", "placeholder": "@handle"}
        ),
    )


class ChooseListsForm(ServiceForm):
    """The lists that a person is on."""

    list_ids = forms.TypedMultipleChoiceField(
        coerce=int, required=False, label=_("Lists"), widget=forms.CheckboxSelectMultiple
    )

    def __init__(
        self, data: Any = None, *, lists: Sequence[PeopleList] = (), on: Collection[int] = ()
    ) -> None:
        super().__init__(data, initial={"list_ids": sorted(on)})
        choices = [(each.pk, isolated(each.name)) for each in lists]
        self.fields["list_ids"].choices = choices  # type: ignore[attr-defined]
