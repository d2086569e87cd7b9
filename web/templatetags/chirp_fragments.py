"""Pieces of pages that are the same for everybody."""

from django import template
from django.utils.safestring import SafeString

from web.templating.cached_fragment import fragment

register = template.Library()


@register.simple_tag
def fixed(template_name: str) -> SafeString:
    """As `include`, for a template that shows nothing of its surroundings. Rendered once."""
    return fragment(template_name)
