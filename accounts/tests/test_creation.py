"""Creating accounts: conflicts are found without an error that Postgres would log."""

import uuid
from collections.abc import Callable

import pytest
from django.db import DatabaseError, connection, transaction

from accounts import services
from accounts.creation import EmailTaken, HandleTaken
from accounts.models import User
from tests.helpers.secret_logs import holds_no_secret, postgres_log
from tests.helpers.threads import at_once

PASSWORD = "a long phrase for dora alone"


def create(handle: str, email: str) -> User:
    return services.register(handle=handle, email=email, password=PASSWORD, name="Dora")


def test_a_new_account_is_as_the_database_has_it(db: None) -> None:
    dora = create("Dora", "dora@example.org")
    stored = User.objects.get()
    for field in User._meta.concrete_fields:
        assert getattr(dora, field.attname) == getattr(stored, field.attname), field.name
    dora.name = "Dora D."
    dora.save()  # updates the row, and inserts no second one
    assert User.objects.get().name == "Dora D."


@pytest.mark.parametrize(
    ("handle", "email", "conflict"),
    [
        ("DORA", "other@example.org", HandleTaken),
        ("other", "DORA@example.org", EmailTaken),
        ("dora", "dora@example.org", HandleTaken),  # both are taken
    ],
)
def test_a_conflict_does_not_end_the_transaction(
    db: None, handle: str, email: str, conflict: type[Exception]
) -> None:
    create("Dora", "dora@example.org")
    with pytest.raises(conflict):
        create(handle, email)
    assert User.objects.count() == 1  # the transaction of the test goes on


@pytest.mark.django_db(transaction=True)
def test_the_log_of_postgres_holds_nothing_of_accounts_in_conflict() -> None:
    name = uuid.uuid4().hex[:12]
    address = f"{name}@example.org"
    owner = create(name, address)
    conflicts: list[type[Exception]] = []

    def conflict(handle: str, email: str) -> None:
        with pytest.raises((HandleTaken, EmailTaken)) as raised:
            create(handle, email)
        conflicts.append(raised.type)

    conflict(name, f"other.{address}")
    conflict(f"other_{name}", address)
    services.register_many_without_password([name], email_domain="example.net")  # is there already
    User.objects.filter(pk=owner.pk).update(handle=f"was_{name}")
    with pytest.raises(EmailTaken):
        services.register_many_without_password([name], email_domain="example.org")
    assert conflicts == [HandleTaken, EmailTaken]
    holds_no_secret(postgres_log(), name, PASSWORD, owner.password)


@pytest.mark.django_db(transaction=True)
def test_concurrent_registrations_conflict_without_an_error_of_postgres() -> None:
    before = postgres_log().stat().st_size
    name = uuid.uuid4().hex[:12]

    def racer(number: int) -> Callable[[], object]:
        same_handle = number % 2 == 0
        handle = name if same_handle else f"{name}_{number}"
        return lambda: create(handle, f"{name}@example.org")

    raised = at_once([racer(number) for number in range(6)])
    assert len(raised) == 5
    assert {type(error) for error in raised} <= {HandleTaken, EmailTaken}
    assert b"duplicate key" not in postgres_log().read_bytes()[before:]
    holds_no_secret(postgres_log(), name, PASSWORD)


def test_postgres_logs_errors_without_their_statements_and_rows(db: None) -> None:
    dora = create("Dora", "dora@example.org")
    secret, password = f"{uuid.uuid4().hex}@example.org", uuid.uuid4().hex
    row = User(handle="dora", email=secret, password=password)
    before = postgres_log().stat().st_size
    with pytest.raises(DatabaseError), transaction.atomic():
        row.save(force_insert=True)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT 1 / 0 FROM accounts_user WHERE email <> %s", [secret])
    logged = postgres_log().read_text()[before:]
    assert 'violates unique constraint "user_handle_unique"' in logged
    assert "division by zero" in logged
    holds_no_secret(postgres_log(), secret, password, dora.password)
