"""The admin page of slow statements: who may see it, what it shows, and what it never shows."""

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

from accounts.models import User
from operations import slow_statements
from runner.embedded import roles
from tests.helpers.admin import browser
from tests.helpers.faults import embedded_servers

pytestmark = pytest.mark.django_db
PAGE = "/admin/operations/statements/"


@pytest.fixture
def operator(alice: User) -> Client:
    """A client of an operator who may view samples."""
    return browser(alice, "operations.view_sample")


@pytest.fixture
def statistics() -> Iterator[None]:
    """Let PostgreSQL collect statistics of the statements in the test database."""
    embedded_servers()
    name = connection.settings_dict["NAME"]
    with roles.connect(settings.VAR_DIR, database=name) as superuser:
        loaded = superuser.execute("SHOW shared_preload_libraries").fetchone()
        if loaded != ("pg_stat_statements",):
            pytest.skip("this wheel has no pg_stat_statements, so its page DID NOT RUN")
        superuser.execute("CREATE EXTENSION pg_stat_statements")
        superuser.execute("SELECT pg_stat_statements_reset()")
        yield
        connection.close()
        superuser.execute("DROP EXTENSION pg_stat_statements")


def run(query: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(query)


def test_it_is_for_staff_with_the_permission(client: Client, alice: User, bob: User) -> None:
    assert client.get(PAGE).status_code == 302
    client.force_login(alice)
    assert client.get(PAGE, follow=True).status_code == 404
    assert browser(bob).get(PAGE).status_code == 403
    assert browser(bob, "operations.view_sample").get(PAGE).status_code == 200


def test_the_index_links_to_it_for_those_who_may_see_it(operator: Client, bob: User) -> None:
    link = f'href="{PAGE}"'
    assert link in operator.get("/admin/").content.decode()
    assert link not in browser(bob).get("/admin/").content.decode()


def test_it_shows_statements_without_their_values(operator: Client, statistics: None) -> None:
    run("SELECT 'alice@secret.example' AS looked_for, pg_sleep(0.05)")
    run("SET application_name = 'alice@secret.example'")
    User.objects.filter(email="alice@secret.example").exists()
    page = operator.get(PAGE).content.decode()
    assert "AS looked_for, pg_sleep($" in page
    assert "accounts_user" in page
    assert "secret" not in page


@pytest.mark.parametrize("order", slow_statements.ORDERS)
def test_it_is_in_the_order_that_is_asked_for(
    order: str, operator: Client, statistics: None
) -> None:
    run("SELECT pg_sleep(0.05) AS slow")
    for _ in range(3):
        run("SELECT 1 AS often")
    found = operator.get(f"{PAGE}?by={order}").context["statements"]
    keys = [getattr(statement, order) for statement in found]
    assert keys == sorted(keys, reverse=True)
    assert {"SELECT $1 AS often", "SELECT pg_sleep($1) AS slow"} <= {row.text for row in found}


def test_an_unknown_order_is_that_of_the_mean(operator: Client, statistics: None) -> None:
    response = operator.get(f"{PAGE}?by=calls;DROP")
    assert response.context["order"] == "mean"


def test_statements_of_other_roles_are_not_shown(operator: Client, statistics: None) -> None:
    name = connection.settings_dict["NAME"]
    with roles.connect(settings.VAR_DIR, database=name) as superuser:
        superuser.execute("SELECT 1 AS of_the_superuser")
    assert "of_the_superuser" not in operator.get(PAGE).content.decode()


def test_without_the_extension_it_says_so(operator: Client) -> None:
    page = operator.get(PAGE).content.decode()
    assert "does not collect statistics" in page
    assert "CREATE EXTENSION pg_stat_statements" in page
