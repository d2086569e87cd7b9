"""Numbers, times, addresses, initials and colours, as pages show them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.http import HttpRequest
from django.test import RequestFactory
from django.utils import timezone, translation
from django_htmx.middleware import HtmxDetails

from chirp import localized
from chirp.pagination import Cursor
from web.templating import addresses, avatars, formatting

NOON = datetime(2026, 3, 9, 12, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (0, "0"),
        (999, "999"),
        (1000, "1K"),
        (1099, "1K"),
        (1100, "1.1K"),
        (9999, "9.9K"),
        (10_000, "10K"),
        (34_999, "34K"),
        (999_999, "999K"),
        (1_000_000, "1M"),
        (5_678_901, "5.6M"),
        (1_234_567_890, "1.2B"),
    ],
)
def test_a_count_never_promises_more_than_there_is(number: int, shown: str) -> None:
    assert localized.compact(number) == shown


def test_counts_are_as_other_languages_write_them() -> None:
    for language, number, shown in [
        ("de", 1_234, "1.234"),
        ("de", 1_299_999, "1,2\xa0Mio."),
        ("fr", 1_999, "1,9\xa0k"),
        ("es", 12_345, "12\xa0mil"),
        ("ja", 9_999, "9,999"),
        ("ja", 12_999, "1.2万"),
        ("ja", 9_999_999, "999万"),
        ("ar", 3_999, "3.9\xa0ألف"),
    ]:
        with translation.override(language):
            assert localized.compact(number) == shown


@pytest.mark.parametrize(
    ("before", "shown"),
    [
        (timedelta(seconds=-5), "now"),
        (timedelta(seconds=59), "now"),
        (timedelta(seconds=60), "1m"),
        (timedelta(minutes=59, seconds=59), "59m"),
        (timedelta(hours=1), "1h"),
        (timedelta(hours=23, minutes=59), "23h"),
        (timedelta(days=1), "1d"),
        (timedelta(days=6, hours=23), "6d"),
        (timedelta(days=7), "2 Mar"),
        (timedelta(days=67), "1 Jan"),
        (timedelta(days=68), "31 Dec 2025"),
    ],
)
def test_how_long_ago(before: timedelta, shown: str) -> None:
    assert formatting.short_time(NOON - before, now=NOON) == shown


def test_a_time_has_the_exact_one_in_its_title(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOON + timedelta(hours=2))
    assert formatting.ago(NOON) == (
        '<time datetime="2026-03-09T12:05:00+00:00" title="12:05 · 9 Mar 2026 UTC">2h</time>'
    )
    assert formatting.exact(NOON) == (
        '<time datetime="2026-03-09T12:05:00+00:00">12:05 · 9 Mar 2026 UTC</time>'
    )


def test_equal_moments_look_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOON)
    tokyo = NOON.astimezone(ZoneInfo("Asia/Tokyo"))
    assert formatting.ago(tokyo) == formatting.ago(NOON)
    assert formatting.exact(tokyo) == formatting.exact(NOON)


def test_times_are_in_the_current_time_zone() -> None:
    late = datetime(2026, 3, 9, 23, 30, tzinfo=UTC)
    now = late + timedelta(days=30)
    for zone, shown, day in [
        ("Europe/Berlin", "00:30 · 10 Mar 2026 CET", "10 Mar"),
        ("America/Sao_Paulo", "20:30 · 9 Mar 2026 UTC-03", "9 Mar"),
        ("UTC", "23:30 · 9 Mar 2026 UTC", "9 Mar"),
    ]:
        with timezone.override(zone):
            assert shown in formatting.exact(late)
            assert shown in formatting.left(late, now=NOON)
            assert formatting.short_time(late, now=now) == day


def test_a_date_is_in_the_current_language_and_time_zone() -> None:
    late = datetime(2026, 2, 28, 23, 30, tzinfo=UTC)
    assert (formatting.date(late), formatting.month(late)) == ("28 February 2026", "February 2026")
    with translation.override("de"), timezone.override("Asia/Tokyo"):
        assert (formatting.date(late), formatting.month(late)) == ("1. März 2026", "März 2026")
    with translation.override("ja"):
        assert formatting.short_time(late, now=NOON + timedelta(days=9)) == "2月28日"
        assert formatting.date(late) == "2026年2月28日"
    with translation.override("ar"):
        assert formatting.date(late) == "28 فبراير 2026"


def test_a_link_is_read_without_its_scheme() -> None:
    assert formatting.bare_link("https://example.org/") == "example.org"
    assert formatting.bare_link("http://example.org/a/?b=c") == "example.org/a/?b=c"


@pytest.mark.parametrize(
    ("name", "handle", "shown"),
    [
        ("Ada Lovelace", "ada", "AL"),
        ("Ada King Lovelace", "ada", "AL"),
        ("ada", "x", "a"),
        ("", "bob", "b"),
        ("-- !!", "bob", "b"),
        ("- Ada (she)", "x", "A"),
        ("👩‍👩‍👧‍👦 Family", "x", "👩‍👩‍👧‍👦F"),
        ("e\u0301mile Zola", "x", "e\u0301Z"),
    ],
)
def test_initials_are_of_the_first_and_the_last_word(name: str, handle: str, shown: str) -> None:
    assert avatars.initials(name, handle) == shown


def test_neighbours_have_different_colours() -> None:
    assert {avatars.hue(number) for number in range(12)} == {f"hue-{n}" for n in range(12)}
    assert avatars.hue(5) == avatars.hue(17)
    assert all(avatars.hue(number) != avatars.hue(number + 1) for number in range(24))


def test_addresses_are_found_by_name() -> None:
    assert addresses.url("home") == "/"
    assert addresses.url("like", "alice", 12) == "/@alice/12/like"
    assert addresses.url("api_docs") == "/api/docs"


def test_a_link_to_another_page_keeps_the_rest_of_the_query() -> None:
    request = RequestFactory().get("/nearby?lat=1&cursor=old&lon=2")
    link = addresses.page_link(request, Cursor(before=5))
    assert link == f"/nearby?lat=1&lon=2&cursor={Cursor(before=5).encode()}"


def test_forms_lead_back_to_the_page_around_them() -> None:
    def here(request: HttpRequest) -> str:
        request.htmx = HtmxDetails(request)  # type: ignore[attr-defined]
        return addresses.here(request)

    factory = RequestFactory()
    assert here(factory.get("/explore?limit=3")) == "/explore?limit=3"
    assert here(factory.post("/@bob/follow", {"next": "/@bob"})) == "/@bob"
    assert here(factory.post("/@bob/follow")) == "/"
    around = {"HX-Request": "true", "HX-Current-URL": "http://testserver/@bob?x=1#there"}
    assert here(factory.get("/@bob/followers", headers=around)) == "/@bob?x=1"
