"""Health checks for load balancers, during failures of Postgres and Redis."""

import pytest
from django.test import Client
from pytest_django import Settings

from tests.helpers.faults import embedded_servers, frozen, without


@pytest.mark.django_db(transaction=True)
def test_all_servers_are_up(client: Client) -> None:
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json() == {"postgres": "up", "redis": "up"}


@pytest.mark.django_db(transaction=True)
def test_without_postgres_it_is_not_ready(client: Client) -> None:
    with without(embedded_servers().postgres):
        response = client.get("/readyz")
        assert response.status_code == 503
        assert response.json() == {"postgres": "down", "redis": "up"}
    assert client.get("/readyz").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_without_redis_it_is_ready(client: Client) -> None:
    with without(embedded_servers().valkey):
        response = client.get("/readyz")
        assert response.status_code == 200
        assert response.json() == {"postgres": "up", "redis": "down"}
    assert client.get("/readyz").json()["redis"] == "up"


@pytest.mark.django_db(transaction=True)
def test_a_redis_that_hangs_counts_as_down(client: Client) -> None:
    with frozen(embedded_servers().valkey):
        assert client.get("/readyz").json() == {"postgres": "up", "redis": "down"}


@pytest.mark.django_db(transaction=True)
def test_it_is_alive_without_postgres_and_redis(client: Client) -> None:
    servers = embedded_servers()
    with without(servers.postgres), without(servers.valkey):
        response = client.get("/healthz")
        assert response.status_code == 200
        assert response.json() == {"status": "alive"}


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_checks_only_read(client: Client, db: None, path: str) -> None:
    assert client.head(path).status_code == 200
    assert client.trace(path).status_code == 405


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
@pytest.mark.django_db(transaction=True)
def test_health_checks_need_neither_https_nor_the_name_of_the_site(
    client: Client, settings: Settings, path: str
) -> None:
    settings.SECURE_SSL_REDIRECT = True
    settings.ALLOWED_HOSTS = ["chirp.example"]
    for host in ("10.0.0.7:8000", "localhost", "chirp.example", "a b"):
        assert client.get(path, headers={"host": host}).status_code == 200
    assert client.get(f"{path}/x", headers={"host": "localhost"}).status_code == 400
    assert client.get("/admin/", headers={"host": "chirp.example"}).status_code == 301
