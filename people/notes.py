"""Private notes: what an account notes about another one. Nobody else reads them."""

from accounts.models import User
from chirp.errors import ChirpError
from chirp.plain_text import clean_lines
from chirp.texts import text as _
from people.models import PrivateNote

NOTE_LENGTH = 2000  # characters


class NoteAboutSelf(ChirpError):
    """Accounts cannot have a note about themselves."""

    code = "note_self"
    message = _("You cannot have a note about yourself.")


def write_note(*, author: User, about: User, text: str) -> None:
    """Write a note about an account in place of the last one. A blank text removes it.

    Raises NoteAboutSelf and BadText.
    """
    if author.pk == about.pk:
        raise NoteAboutSelf
    text = clean_lines(text, field="text", limit=NOTE_LENGTH)
    if text:
        PrivateNote.objects.update_or_create(author=author, about=about, defaults={"text": text})
    else:
        PrivateNote.objects.filter(author=author, about=about).delete()
