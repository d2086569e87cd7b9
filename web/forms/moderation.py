"""The forms of a report and of an appeal."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from moderation.models import APPEAL_LENGTH, COMMENT_LENGTH, Category
from moderation.site.services import rules
from web.forms.base import ServiceForm, counted_lazy


class ReportForm(ServiceForm):
    """What somebody reports of an account or of a tweet."""

    category = forms.ChoiceField(
        label=_("What is wrong?"), choices=Category.choices, widget=forms.RadioSelect
    )
    rule_ids = forms.TypedMultipleChoiceField(
        label=_("Which rules?"), required=False, coerce=int, widget=forms.CheckboxSelectMultiple
    )
    comment = forms.CharField(
        label=_("Anything that the moderators should know"),
        required=False,
        max_length=4 * COMMENT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
        help_text=counted_lazy(
            "At most %(num)s characters. Only moderators read it.",
            "At most %(num)s characters. Only moderators read it.",
            COMMENT_LENGTH,
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(rule.pk, rule.text) for rule in rules()]
        self.fields["rule_ids"].choices = choices  # type: ignore[attr-defined]
        if not choices:
            del self.fields["rule_ids"]


class AppealForm(ServiceForm):
    """The objection to a decision."""

    text = forms.CharField(
        label=_("Why is the decision wrong?"),
        max_length=4 * APPEAL_LENGTH,
        widget=forms.Textarea(attrs={"rows": 6, "dir": "auto"}),
        help_text=counted_lazy(
            "At most %(num)s characters. There is one appeal for each decision.",
            "At most %(num)s characters. There is one appeal for each decision.",
            APPEAL_LENGTH,
        ),
    )
