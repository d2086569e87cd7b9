"""`manage.py createsuperuser`, by the same rules as everybody's account."""

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from conftest import PASSWORD

pytestmark = pytest.mark.django_db


def create(handle: str, monkeypatch: pytest.MonkeyPatch, password: str = PASSWORD) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", password)
    call_command("createsuperuser", interactive=False, handle=handle, email=f"{handle}@example.org")


def test_it_makes_somebody_who_may_use_the_admin(monkeypatch: pytest.MonkeyPatch) -> None:
    create("operator", monkeypatch)
    user = User.objects.get(handle="operator")
    assert user.is_staff
    assert user.is_superuser
    assert user.check_password(PASSWORD)


def test_what_it_refuses_is_said_in_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    for handle, password, said in (
        ("admin", PASSWORD, "handle"),
        ("operator", "12345", "password"),
    ):
        with pytest.raises(CommandError, match=f"(?i){said}"):
            create(handle, monkeypatch, password)
    assert not User.objects.exists()
