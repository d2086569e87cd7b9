"""E-mail domains whose addresses may register. Does not read the database."""

from django.core.exceptions import ValidationError

from accounts.validation import BadEmail, clean_email


def parsed(text: str) -> list[str]:
    """Return the domains of a text, in the form in which they end addresses."""
    return [_domain(line) for line in text.split()]


def validate(text: str) -> None:
    """Refuse a text with anything but domains. Raises ValidationError."""
    for line in text.split():
        try:
            clean_email(f"somebody@{_bare(line)}")
        except BadEmail:
            raise ValidationError(f"“{line}” is not a domain.") from None


def covers(text: str, email: str) -> bool:
    """Return whether an address, as it is stored, is of one of the domains of a text."""
    return email.rpartition("@")[2] in parsed(text)


def _bare(line: str) -> str:
    return line.removeprefix("@")


def _domain(line: str) -> str:
    try:
        return clean_email(f"somebody@{_bare(line)}").rpartition("@")[2]
    except BadEmail:
        return ""
