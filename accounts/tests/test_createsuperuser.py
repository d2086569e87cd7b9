"""`manage.py createsuperuser` follows the rules of every registration."""

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from conftest import PASSWORD

pytestmark = pytest.mark.django_db


def create(handle: str, monkeypatch: pytest.MonkeyPatch, password: str = PASSWORD) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", password)
    call_command("createsuperuser", interactive=False, handle=handle, email=f"{handle}@example.org")


def test_it_creates_a_superuser(monkeypatch: pytest.MonkeyPatch) -> None:
    create("operator", monkeypatch)
    user = User.objects.get(handle="operator")
    assert user.is_staff
    assert user.is_superuser
    assert user.check_password(PASSWORD)


def test_an_invalid_value_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    for handle, password, reported in (
        ("admin", PASSWORD, "handle"),
        ("operator", "12345", "password"),
    ):
        with pytest.raises(CommandError, match=f"(?i){reported}"):
            create(handle, monkeypatch, password)
    assert not User.objects.exists()
