"""Writing, marking and deleting tweets on the site, as a browser without scripts does it."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections
from django.test import Client

from accounts.models import User
from people import services as people
from people.profile import update_profile
from tests.helpers.pages import HTMX, code_in, page
from tweets.marks import like, repost
from tweets.models import Tweet
from tweets.posting import post_tweet


@pytest.fixture
def browser(client: Client, alice: User) -> Client:
    """Where alice is signed in."""
    client.force_login(alice)
    return client


def thread(tweet: Tweet) -> str:
    """Where it is shown."""
    return f"/@{tweet.author.handle}/{tweet.pk}"


def own(text: str) -> int:
    """How many tweets say exactly this."""
    return Tweet.objects.filter(text=text).count()


# --- Writing ----------------------------------------------------------------------------------


def test_it_posts_and_shows_it(browser: Client) -> None:
    response = browser.post(
        "/compose", {"text": "Hello\r\nworld", "visibility": "public", "next": "/@alice"}
    )

    assert response.headers["Location"] == "/@alice"
    shown = page(browser.get("/@alice"))
    assert '<div dir="auto">Hello</div><div dir="auto">world</div>' in shown
    assert "Your tweet is out." in shown


@pytest.mark.parametrize(
    ("changed", "status", "said"),
    [
        ({"text": " \u200b "}, 400, "Write something"),
        ({"text": "x" * 501}, 400, "501 characters long"),
        ({"text": "x" + "\u0301" * 99}, 400, "is made of 100 parts"),
        ({"spoiler": "\u202egpj"}, 400, "Control characters"),
        ({"text": "x" * 8_001}, 400, "at most 8000 characters"),
        ({"text": "a\x00b"}, 400, "Null characters"),
        ({"text": "a\x1bb"}, 400, "U+001B"),
        ({"visibility": "friends"}, 400, "not one of the available choices"),
        ({"spoiler": "x" * 501}, 400, "At most 500 characters"),
        ({"reply_to_id": "5"}, 400, "There is no such tweet."),
        ({"quote_of_id": "5"}, 400, "There is no such tweet."),
        ({"reply_to_id": "9" * 30}, 400, "less than or equal to"),
        ({"quote_of_id": "x"}, 400, "whole number"),
    ],
)
def test_it_keeps_what_was_typed_when_something_is_wrong(
    browser: Client, changed: dict[str, str], status: int, said: str
) -> None:
    data = {"text": "A <thought>", "spoiler": "Careful", "visibility": "followers"}

    response = browser.post("/compose", data | changed)

    assert response.status_code == status
    assert said in page(response)
    kept = {"text": "A &lt;thought&gt;</textarea>", "spoiler": 'value="Careful"'}
    for field, value in kept.items():
        assert field in changed or value in page(response)
    assert not Tweet.objects.exists()


def test_sending_the_form_twice_posts_once(browser: Client) -> None:
    shown = page(browser.get("/"))
    key = shown.partition('name="key" value="')[2].partition('"')[0]
    assert len(key) == 32
    data = {"text": "Once", "visibility": "public", "key": key, "next": "/"}

    for _ in range(2):
        assert browser.post("/compose", data).headers["Location"] == "/"
    assert own("Once") == 1

    # Going back and writing something else with the same form is another tweet.
    browser.post("/compose", data | {"text": "Twice"})
    assert own("Twice") == 1


@pytest.mark.django_db(transaction=True)
def test_equal_forms_that_race_post_once(alice: User) -> None:
    def send(_: int) -> int:
        client = Client()
        client.force_login(alice)
        data = {"text": "Once", "visibility": "public", "key": "k" * 32}
        try:
            return client.post("/compose", data).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        assert set(pool.map(send, range(6))) == {302}

    assert own("Once") == 1


def test_a_form_that_was_refused_can_be_sent_again(browser: Client) -> None:
    data = {"text": "", "visibility": "public", "key": "k" * 32}
    assert browser.post("/compose", data).status_code == 400

    assert browser.post("/compose", data | {"text": "Better"}).status_code == 302
    assert own("Better") == 1


def test_it_replies_in_the_thread(browser: Client, bob: User) -> None:
    asked = post_tweet(author=bob, text="Anybody?")
    shown = page(browser.get(thread(asked)))
    assert f'name="reply_to_id" value="{asked.pk}"' in shown

    data = {"text": "Me", "visibility": "public", "reply_to_id": asked.pk, "next": thread(asked)}
    response = browser.post("/compose", data, follow=True)

    assert response.redirect_chain == [(thread(asked), 302)]
    replies = page(response).partition('aria-label="Replies"')[2]
    assert ">Me</div>" in replies
    answer = Tweet.objects.get(text="Me")
    below = page(browser.get(thread(answer)))
    assert "Anybody?" in below.partition("tweet-focus")[0]


def test_a_reply_is_for_no_more_people_than_what_it_answers(browser: Client, bob: User) -> None:
    asked = post_tweet(author=bob, text="@alice psst", visibility="direct")

    shown = page(browser.get(thread(asked)))

    assert '<option value="direct" selected>' in shown
    assert "@bob </textarea>" in shown


def test_it_quotes(browser: Client, bob: User) -> None:
    said = post_tweet(author=bob, text="Something wise")
    assert "Something wise" in page(browser.get(f"/compose?quote={said.pk}"))

    browser.post("/compose", {"text": "", "visibility": "public", "quote_of_id": said.pk})

    shown = page(browser.get("/@alice"))
    assert 'class="quoted"' in shown
    assert "Something wise" in shown


def test_what_is_quoted_may_not_be_there_any_more(browser: Client, bob: User) -> None:
    said = post_tweet(author=bob, text="Something unwise")
    browser.post("/compose", {"text": "Ha", "visibility": "public", "quote_of_id": said.pk})
    people.block(blocker=bob, blocked=User.objects.get(handle="alice"))

    shown = page(browser.get("/@alice"))

    assert "Something unwise" not in shown
    assert "The quoted tweet is not available." in shown


@pytest.mark.parametrize("query", ["quote=5", "reply_to=x", "quote=%00", "reply_to=" + "9" * 99])
def test_it_does_not_compose_about_nothing(browser: Client, query: str) -> None:
    assert browser.get(f"/compose?{query}").status_code == 404


def test_what_somebody_writes_is_never_code(browser: Client, alice: User) -> None:
    update_profile(user=alice, changes={"name": "<script>alert(1)</script>"})
    post_tweet(
        author=alice,
        text='<script>alert(2)</script> javascript:alert(3) https://x.example/"onclick="alert(4)',
        spoiler="<img src=x onerror=alert(5)>",
    )

    for path in ("/", "/@alice", "/explore", "/@alice/followers"):
        assert code_in(page(browser.get(path))) == []


def test_a_warning_stands_before_the_text(browser: Client) -> None:
    data = {"text": "The butler", "visibility": "public", "spoiler": "Who did it"}
    browser.post("/compose", data)

    shown = page(browser.get("/@alice"))

    before, _, after = shown.partition("<summary><bdi>Who did it</bdi>")
    assert "The butler" in after
    assert "The butler" not in before


def test_writing_too_much_is_told_beside_the_text(browser: Client, settings: Any) -> None:
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"write": (1, 300)}
    browser.post("/compose", {"text": "First", "visibility": "public"})

    response = browser.post("/compose", {"text": "Second", "visibility": "public"})

    assert response.status_code == 429
    assert "Please wait a little." in page(response)
    assert "Second</textarea>" in page(response)
    liked = browser.post(f"{thread(Tweet.objects.get())}/like")
    assert liked.status_code == 429
    assert int(liked.headers["Retry-After"]) > 0


# --- Marks ------------------------------------------------------------------------------------


def test_it_likes_and_reposts_and_takes_it_back(browser: Client, alice: User, bob: User) -> None:
    tweet = post_tweet(author=bob, text="Likeable")
    back = {"next": "/@bob#here"}

    for action in ("like", "repost"):
        for _ in range(2):
            response = browser.post(f"{thread(tweet)}/{action}", back)
            assert response.headers["Location"] == "/@bob#here"
    tweet.refresh_from_db()
    assert (tweet.likes_count, tweet.reposts_count) == (1, 1)
    assert 'class="action action-like is-on"' in page(browser.get("/@bob"))
    assert "Likeable" in page(browser.get("/@alice"))
    assert "Likeable" in page(browser.get("/@alice/likes"))

    browser.post(f"{thread(tweet)}/unlike")
    browser.post(f"{thread(tweet)}/unrepost")
    tweet.refresh_from_db()
    assert (tweet.likes_count, tweet.reposts_count) == (0, 0)


def test_htmx_gets_the_buttons_as_they_are_now(browser: Client, bob: User) -> None:
    tweet = post_tweet(author=bob, text="Likeable")

    shown = page(browser.post(f"{thread(tweet)}/like", {"anchor": "t77"}, headers=HTMX))

    assert "<html" not in shown
    assert 'id="actions-t77"' in shown
    assert 'aria-pressed="true" aria-label="Like: 1"' in shown
    shown = page(browser.post(f"{thread(tweet)}/unlike", {"anchor": '"><b>'}, headers=HTMX))
    assert f'id="actions-t{tweet.pk}"' in shown


@pytest.mark.parametrize("action", ["like", "unlike", "repost", "unrepost"])
def test_what_one_may_not_see_cannot_be_marked(browser: Client, bob: User, action: str) -> None:
    hidden = post_tweet(author=bob, text="For followers", visibility="followers")

    assert browser.post(f"{thread(hidden)}/{action}").status_code == 404
    assert browser.post(f"/@bob/5/{action}").status_code == 404
    assert browser.post(f"/@bob/{2**53 - 1}/{action}").status_code == 404
    assert browser.post(f"/@bob/{'9' * 16}/{action}").status_code == 404


def test_signed_out_one_is_asked_to_sign_in(client: Client, bob: User) -> None:
    tweet = post_tweet(author=bob, text="Likeable")

    for path in (f"{thread(tweet)}/like", f"{thread(tweet)}/delete"):
        response = client.post(path, {"text": "x", "next": "/explore"})
        assert response.headers["Location"] == "/login?next=%2Fexplore"
    assert (
        "<form" not in page(client.get(thread(tweet))).partition("<main")[2].partition("<aside")[0]
    )


def test_it_shows_who_marked_a_tweet(browser: Client, alice: User, bob: User) -> None:
    tweet = post_tweet(author=bob, text="Likeable")
    like(user=alice, tweet_id=tweet.pk)
    repost(user=alice, tweet_id=tweet.pk)
    post_tweet(author=alice, text="My word", quote_of_id=tweet.pk)

    assert 'class="person-name" href="/@alice"' in page(browser.get(f"{thread(tweet)}/likes"))
    assert 'class="person-name" href="/@alice"' in page(browser.get(f"{thread(tweet)}/reposts"))
    assert "My word" in page(browser.get(f"{thread(tweet)}/quotes"))


# --- Deleting ---------------------------------------------------------------------------------


def test_it_asks_before_it_deletes(browser: Client, alice: User) -> None:
    tweet = post_tweet(author=alice, text="Regrettable")

    asked = page(browser.get(f"{thread(tweet)}/delete?next=/explore"))
    assert "Regrettable" in asked
    assert 'name="next" value="/explore"' in asked
    response = browser.post(f"{thread(tweet)}/delete", {"next": "/explore"}, follow=True)

    assert response.redirect_chain == [("/explore", 302)]
    assert "Your tweet is deleted." in page(response)
    assert "Regrettable" not in page(response)
    assert browser.get(thread(tweet)).status_code == 404
    # From its own page, which is gone, one comes to one's profile.
    again = browser.post(f"{thread(tweet)}/delete", {"next": thread(tweet)})
    assert again.headers["Location"] == "/@alice"


def test_only_its_author_deletes_a_tweet(browser: Client, bob: User) -> None:
    tweet = post_tweet(author=bob, text="Mine")

    assert browser.get(f"{thread(tweet)}/delete").status_code == 403
    assert browser.post(f"{thread(tweet)}/delete").status_code == 403
    assert browser.get(thread(tweet)).status_code == 200


def test_a_script_deletes_without_a_page_or_a_message(browser: Client, alice: User) -> None:
    tweet = post_tweet(author=alice, text="Regrettable")

    response = browser.post(f"{thread(tweet)}/delete", headers=HTMX)

    assert (response.status_code, response.content) == (204, b"")
    assert "Regrettable" not in page(browser.get("/@alice"))
    assert 'class="notices"' not in page(browser.get("/@alice"))
