"""The template tag `moderation_queue`, for the first page of the admin."""

from typing import Any

from django import template
from django.urls import reverse

from moderation.queue import COUNTED_AT_MOST, queues

register = template.Library()


@register.inclusion_tag("admin/moderation/queue.html", takes_context=True)
def moderation_queue(context: dict[str, Any]) -> dict[str, Any]:
    """What waits for a decision, with links to the lists."""
    rows = [
        (queue, reverse("admin:{}_{}_changelist".format(*queue.model._meta.label_lower.split("."))))
        for queue in queues(context["request"].user)
    ]
    return {"rows": rows, "most": COUNTED_AT_MOST}
