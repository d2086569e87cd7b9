"""Reads about people."""

from accounts.models import User, UserQuerySet


def find_login(login: str) -> User | None:
    """Whom a handle or an e-mail address belongs to, whatever their state."""
    people = UserQuerySet(User)
    if "@" not in login.removeprefix("@"):
        return people.by_handle(login.removeprefix("@")).first()
    return people.by_email(login.strip()).first()
