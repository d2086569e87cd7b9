"""Notes of moderators about accounts, which nobody else reads."""

from accounts.models import User
from chirp.errors import ChirpError
from chirp.plain_text import clean_lines
from chirp.texts import text as _
from moderation.models import NOTE_LENGTH, Note


class EmptyNote(ChirpError):
    """The note has no text."""

    message = _("Write something.")
    field = "text"


def add_note(*, account_id: int, by: User, text: str) -> Note:
    """Add a note about an account. Raises EmptyNote and BadText."""
    text = clean_lines(text, field="text", limit=NOTE_LENGTH)
    if not text:
        raise EmptyNote
    return Note.objects.create(account_id=account_id, author=by, text=text)
