"""How pages look to a person. Each choice can be left open: then the browser decides."""

from collections.abc import Callable, Mapping

from chirp.errors import ChirpError
from chirp.texts import text as _

# The values of each choice; the open one is "" everywhere.
CHOICES: Mapping[str, tuple[str, ...]] = {
    "theme": ("light", "dark"),
    "contrast": ("standard", "more"),
    "text_size": ("small", "large", "larger"),
    "motion": ("less",),
}


class BadChoice(ChirpError):
    """There is no such choice."""

    code = "bad_choice"
    message = _("There is no such choice.")


def cleaner(choice: str) -> Callable[[object], object]:
    """Return the function that returns a value of `choice` as it is stored, or raises BadChoice."""

    def clean(value: object) -> object:
        if value != "" and value not in CHOICES[choice]:
            raise BadChoice(field=choice)
        return value

    return clean
