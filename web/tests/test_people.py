"""The pages about other people, as a browser without scripts uses them."""

from collections.abc import Callable

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts import services
from accounts.models import User
from conftest import PASSWORD
from people import services as people
from people.models import Block, Follow, Mute
from people.profile import update_profile
from tests.helpers.pages import HTMX, code_in, newer, older, page


@pytest.fixture
def browser(client: Client, alice: User) -> Client:
    """Where alice is signed in."""
    client.force_login(alice)
    return client


def test_it_follows_and_goes_back(browser: Client, alice: User, bob: User) -> None:
    response = browser.post("/@BOB/follow", {"next": "/@bob/followers?cursor=x"})

    assert response.headers["Location"] == "/@bob/followers?cursor=x"
    assert Follow.objects.filter(follower=alice, followee=bob).exists()
    assert "Following @bob: unfollow" in page(browser.get("/@bob"))

    browser.post("/@bob/unfollow")
    assert not Follow.objects.exists()


def test_htmx_gets_the_button_as_it_is_now(browser: Client, bob: User) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/@bob#x"}

    shown = page(browser.post("/@bob/follow", headers=headers))

    assert "<html" not in shown
    assert 'action="/@bob/unfollow" data-follow="no"' in shown
    assert 'name="next" value="/@bob"' in shown


def test_htmx_gets_errors_as_a_line(browser: Client) -> None:
    response = browser.post("/@alice/follow", headers=HTMX)

    assert response.status_code == 400
    assert response.headers["Content-Type"].startswith("text/plain")
    assert page(response) == "You cannot follow yourself."


def test_somebody_signed_out_is_asked_to_sign_in_first(client: Client, bob: User) -> None:
    response = client.post("/@bob/follow", {"next": "/@bob"})
    assert response.headers["Location"] == "/login?next=%2F%40bob"

    response = client.post("/@bob/follow", {"next": "/@bob"}, headers=HTMX)
    assert response.headers["HX-Redirect"] == "/login?next=%2F%40bob"
    assert not Follow.objects.exists()


def test_it_blocks_and_mutes_and_takes_it_back(browser: Client, alice: User, bob: User) -> None:
    browser.post("/@bob/mute")
    assert "You muted @bob" in page(browser.get("/"))
    assert Mute.objects.filter(muter=alice, muted=bob).exists()
    browser.post("/@bob/unmute")
    assert not Mute.objects.exists()

    browser.post("/@bob/block")
    assert Block.objects.filter(blocker=alice, blocked=bob).exists()
    assert "You block this person" in page(browser.get("/@bob"))
    assert browser.post("/@bob/follow").status_code == 403
    browser.post("/@bob/unblock")
    assert not Block.objects.exists()


def test_it_hides_reposts_and_removes_a_follower(browser: Client, alice: User, bob: User) -> None:
    people.follow(follower=bob, followee=alice)
    browser.post("/@bob/follow")
    browser.post("/@bob/hide-reposts")
    assert not Follow.objects.get(follower=alice).reposts
    browser.post("/@bob/show-reposts")
    assert Follow.objects.get(follower=alice).reposts

    browser.post("/@bob/remove-follower")
    assert not Follow.objects.filter(follower=bob).exists()


def test_the_bell_asks_for_notifications_of_tweets(browser: Client, bob: User, alice: User) -> None:
    assert "/@bob/notify" not in page(browser.get("/@bob"))
    browser.post("/@bob/follow")
    assert "/@bob/notify" in page(browser.get("/@bob"))
    browser.post("/@bob/notify")
    assert Follow.objects.get(follower=alice).notify
    assert "/@bob/unnotify" in page(browser.get("/@bob"))
    browser.post("/@bob/unnotify")
    assert not Follow.objects.get(follower=alice).notify


def test_a_blocked_person_is_told_on_the_bare_profile(
    browser: Client, alice: User, bob: User, charlie: User
) -> None:
    update_profile(user=bob, changes={"bio": "Not for everybody"})
    people.follow(follower=bob, followee=charlie)
    people.block(blocker=bob, blocked=alice)

    shown = page(browser.get("/@bob"))

    assert "You are blocked" in shown
    assert "Not for everybody" not in shown
    assert browser.get("/@bob/followers").status_code == 403
    listed = page(browser.get("/@charlie/followers"))
    assert "@bob" in listed
    assert "Not for everybody" not in listed


def test_lists_of_people_are_paged(
    browser: Client, alice: User, person: Callable[..., User]
) -> None:
    fans = [person(f"fan{number:02}") for number in range(25)]
    for fan in fans:
        people.follow(follower=fan, followee=alice)

    first = page(browser.get("/@alice/followers"))
    assert "@fan24" in first
    assert "@fan04" not in first
    second = page(browser.get(older(first)))
    assert "@fan04" in second
    assert "@fan24" not in second
    assert "@fan24" in page(browser.get(newer(second)))

    more = page(browser.get(older(first), headers=HTMX))
    assert "<html" not in more
    assert "@fan04" in more


def test_a_list_of_people_takes_as_many_queries_however_long(
    browser: Client,
    alice: User,
    person: Callable[..., User],
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(20):
        people.follow(follower=person(f"fan{number:02}"), followee=alice)
    browser.get("/@alice/followers")

    # Session, viewer, person, block, page, relationships; and whom to follow.
    with django_assert_max_num_queries(8):
        browser.get("/@alice/followers")


def test_whom_to_follow_are_people_one_has_nothing_to_do_with(
    browser: Client, alice: User, bob: User, charlie: User, person: Callable[..., User]
) -> None:
    dora, erin = person("dora"), person("erin")
    people.follow(follower=alice, followee=bob)
    people.block(blocker=charlie, blocked=alice)
    update_profile(user=erin, changes={"private": True})
    people.follow(follower=bob, followee=dora)
    cache.clear()

    suggested = page(browser.get("/nearby")).partition("Who to follow")[2]

    assert "Follow @dora" in suggested
    for nobody in ("@bob", "@charlie", "@erin", "@alice"):
        assert nobody not in suggested

    people.follow(follower=alice, followee=dora)
    assert "Follow @dora" not in page(browser.get("/nearby"))
    people.unfollow(follower=alice, followee=dora)
    assert "Follow @dora" in page(browser.get("/nearby"))
    services.deactivate(user=dora, password=PASSWORD, now=timezone.now())
    assert "@dora" not in page(browser.get("/nearby"))


# --- Nonsense ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/@nobody", 404),
        ("/@nobody/followers", 404),
        ("/@" + "x" * 31, 404),
        ("/@al%00ice", 404),
        ("/@al%ffice", 404),
        ("/@alice/followers?cursor=x", 400),
        ("/@alice/followers?cursor=%00", 400),
        ("/@alice/followers?limit=0", 400),
        ("/@alice/followers?limit=1e9", 400),
        ("/settings/requests?cursor=%F0%9F%92%A9", 400),
        ("/@alice/follow", 405),
        ("/nothing", 404),
        ("/%00", 404),
    ],
)
def test_nonsense_gets_a_page_that_says_so(browser: Client, path: str, status: int) -> None:
    response = browser.get(path)

    assert response.status_code == status
    assert f'<p class="error-status">{status}</p>' in page(response)
    assert browser.head(path).status_code == status


@pytest.mark.parametrize(
    "path",
    ["/", "/login", "/register", "/settings", "/settings/requests", "/@alice/following", "/@alice"],
)
def test_head_answers_as_get_does(browser: Client, path: str) -> None:
    response = browser.head(path)

    assert response.status_code == browser.get(path).status_code
    assert response.content == b""


def test_an_unknown_address_of_the_api_is_json(client: Client, db: None) -> None:
    response = client.get("/api/nothing-here")

    assert response.status_code == 404
    assert response.json()["error"] == "not_found"


def test_pages_carry_a_policy_and_no_inline_code(browser: Client) -> None:
    response = browser.get("/settings")

    assert "default-src 'self'" in response.headers["Content-Security-Policy"]
    assert "unsafe" not in response.headers["Content-Security-Policy"]
    assert code_in(page(response)) == []


@pytest.mark.parametrize(
    "cookie", ['"aaaaaaaa\\000bbbb"', "x" * 1000, "aaaaaaaa\u00ff", '"' + "\\" * 2000]
)
def test_a_malformed_cookie_is_ignored(client: Client, db: None, cookie: str) -> None:
    response = client.get(
        "/settings", headers={"Cookie": f"sessionid={cookie}; csrftoken={cookie[:900]}"}
    )

    assert response.headers["Location"] == "/login?next=%2Fsettings"


def test_a_malformed_cookie_does_not_sign_out(browser: Client) -> None:
    session = browser.cookies["sessionid"].value
    response = Client().get(
        "/settings", headers={"Cookie": f'theirs="\\\\"; sessionid={session}; other=\u00ff'}
    )

    assert response.status_code == 200


@pytest.mark.parametrize(
    "address", ["http://[", "\x00", "http://evil.example/", "http://testserver"]
)
def test_a_strange_header_of_htmx_does_no_harm(browser: Client, bob: User, address: str) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": address}

    response = browser.post("/@bob/follow", headers=headers)

    assert response.status_code == 200
    assert "evil" not in page(response)


@pytest.mark.parametrize(
    "content_type",
    [
        "multipart/form-data",
        "multipart/form-data; boundary=\u00ff",
        "multipart/form-data; boundary=",
    ],
)
def test_a_broken_form_is_refused(browser: Client, content_type: str) -> None:
    response = browser.post("/settings/profile", b"nonsense", content_type=content_type)

    assert response.status_code == 400
    assert "error-status" in page(response)


def test_a_profile_says_how_things_are(browser: Client, alice: User, bob: User) -> None:
    assert "What @bob writes appears here." in page(browser.get("/@bob"))
    assert "You have not written anything yet" in page(browser.get("/@alice"))
    for tab in ("replies", "media", "likes"):
        assert "@bob" in page(browser.get(f"/@bob/{tab}")).partition('class="empty"')[2][:300], tab
    people.mute(muter=alice, muted=bob)
    html = page(browser.get("/@bob"))
    assert "You muted @bob" in html
    assert 'action="/@bob/unmute"' in html
    update_profile(user=bob, changes={"private": True})
    assert "Follow to ask." in page(browser.get("/@bob"))
    people.follow(follower=alice, followee=bob)
    assert "You have asked to follow." in page(browser.get("/@bob"))


def test_a_suspended_account_is_called_so(browser: Client, alice: User, bob: User) -> None:
    services.suspend(user=bob, by=alice, now=timezone.now())
    for path in ("/@bob", "/@BOB/replies"):
        response = browser.get(path)
        assert response.status_code == 404
        assert "have suspended @bob" in page(response)
    services.hide(user=bob, now=timezone.now())
    assert "suspended" not in page(browser.get("/@bob"))


def test_it_mutes_for_a_while(browser: Client, alice: User, bob: User) -> None:
    assert 'href="/@bob/mute-for"' in page(browser.get("/@bob"))
    assert 'value="3600"' in page(browser.get("/@bob/mute-for"))
    browser.post("/@bob/mute-for", {"seconds": "3600"})
    until = Mute.objects.get(muter=alice, muted=bob).until
    assert until is not None
    assert "It ends on" in page(browser.get("/@bob"))
    assert f"{until:%Y-%m-%dT%H:%M}" in page(browser.get("/settings/muted"))
    browser.post("/@bob/mute-for", {"seconds": ""})
    assert Mute.objects.get(muter=alice, muted=bob).until is None
    assert browser.post("/@bob/mute-for", {"seconds": "1"}).status_code == 400
    assert browser.get("/@nobody/mute-for").status_code == 404


def test_a_private_note_is_on_the_profile(browser: Client, alice: User, bob: User) -> None:
    assert 'href="/@bob/note"' in page(browser.get("/@bob"))
    shown = page(browser.post("/@bob/note", {"text": "met in <Rome>"}, follow=True))
    assert "met in &lt;Rome&gt;" in shown
    assert "met in &lt;Rome&gt;</textarea>" in page(browser.get("/@bob/note"))
    refused = browser.post("/@bob/note", {"text": "z" * 2001})
    assert (refused.status_code, "z" * 2001 in page(refused)) == (400, True)
    browser.post("/@bob/note", {"text": ""})
    assert "Only you see this note" not in page(browser.get("/@bob"))
    assert Client().get("/@bob/note")["Location"].startswith("/login")


def test_landmarks_are_not_within_one_another(browser: Client) -> None:
    html = page(browser.get("/@alice"))
    main, aside = html.index("<main"), html.index("<aside")
    assert html.index('<header class="nav">') < html.index("</header>") < main
    assert (
        html.index("</main>") < aside < html.index("</aside>") < html.index('<footer class="foot">')
    )
    assert html.count("<h1") == 1
