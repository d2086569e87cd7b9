"""Django's lazy gettext, typed as what it becomes as soon as it is shown: a string."""

from collections.abc import Callable
from typing import cast

from django.utils import translation

gettext_lazy = cast(Callable[[str], str], translation.gettext_lazy)
