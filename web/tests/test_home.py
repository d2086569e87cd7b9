"""The front page, as a browser without scripts reads it."""

from collections.abc import Callable

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from lists.services import add_member, create_list
from people import services as people
from tests.helpers.api_client import Api
from tests.helpers.pages import HTMX, newer, older, page
from timelines import paging
from tweets.marks import like, repost, undo_repost
from tweets.posting import post_tweet

Drain = Callable[..., int]


@pytest.fixture
def browser(client: Client, bob: User) -> Client:
    """Where bob is signed in."""
    client.force_login(bob)
    return client


def test_signed_out_one_learns_what_this_is(client: Client, alice: User) -> None:
    post_tweet(author=alice, text="For all")
    post_tweet(author=alice, text="For some", visibility="followers")

    shown = page(client.get("/"))

    assert 'href="/register"' in shown
    assert 'href="/login"' in shown
    assert "For all" in shown
    assert "For some" not in shown


def test_an_empty_home_says_what_to_do(browser: Client) -> None:
    shown = page(browser.get("/"))

    assert "It is quiet here" in shown
    assert '<textarea name="text"' in shown


def test_it_shows_what_followed_people_write(
    browser: Client, alice: User, bob: User, charlie: User, drain: Drain
) -> None:
    people.follow(follower=bob, followee=alice)
    post_tweet(author=alice, text="From a friend")
    post_tweet(author=charlie, text="From a stranger")
    drain()

    shown = page(browser.get("/"))

    assert "From a friend" in shown
    assert "From a stranger" not in shown


def test_it_shows_ones_own_tweets_at_once(browser: Client) -> None:
    browser.post("/compose", {"text": "Mine", "visibility": "public", "next": "/"})

    assert "Mine" in page(browser.get("/"))


def test_it_says_who_reposted(
    browser: Client, alice: User, bob: User, charlie: User, drain: Drain
) -> None:
    people.follow(follower=bob, followee=alice)
    tweet = post_tweet(author=charlie, text="From a stranger")
    repost(user=alice, tweet_id=tweet.pk)
    drain()

    shown = page(browser.get("/"))

    assert '<a href="/@alice" dir="auto">alice</a> reposted' in shown
    assert "From a stranger" in shown


def test_it_goes_on_to_the_end_and_back(
    browser: Client, alice: User, bob: User, drain: Drain
) -> None:
    people.follow(follower=bob, followee=alice)
    for number in range(45):
        post_tweet(author=alice, text=f"Number {number:02}")
    drain()

    shown = [page(browser.get("/"))]
    while older(shown[-1]):
        shown.append(page(browser.get(older(shown[-1]))))

    assert [html.count('class="tweet-text"') for html in shown] == [20, 20, 5]
    assert all("".join(shown).count(f"Number {number:02}") == 1 for number in range(45))
    assert "Number 24" in page(browser.get(newer(shown[2])))
    assert "Number 44" not in page(browser.get(newer(shown[2])))
    assert "<textarea" in shown[0]
    assert "<textarea" not in shown[1]


def test_a_page_that_was_cut_short_leads_further_down(
    browser: Client,
    alice: User,
    bob: User,
    charlie: User,
    drain: Drain,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    people.follow(follower=bob, followee=alice)
    post_tweet(author=alice, text="Far down")
    stranger = post_tweet(author=charlie, text="From a stranger").pk
    for _ in range(31):
        post_tweet(author=alice, text="An answer", reply_to_id=stranger)
    drain()
    monkeypatch.setattr(paging, "WORK_MOST", 1)

    shown = page(browser.get("/"))

    assert "<article" not in shown
    assert "It is quiet here" not in shown
    assert "Far down" in page(browser.get(older(shown)))


def test_htmx_gets_only_what_comes_next(
    browser: Client, alice: User, bob: User, drain: Drain
) -> None:
    people.follow(follower=bob, followee=alice)
    for number in range(21):
        post_tweet(author=alice, text=f"Number {number:02}")
    drain()

    shown = page(browser.get(older(page(browser.get("/"))), headers=HTMX))

    assert "Number 00" in shown
    assert shown.count("<article") == 1
    assert "<html" not in shown


def queries(client: Client) -> int:
    """How many home takes, with the suggestions in the cache."""
    client.get("/")
    with CaptureQueriesContext(connection) as captured:
        client.get("/")
    return len(captured)


def test_it_takes_as_many_queries_however_much_there_is(
    browser: Client, bob: User, person: Callable[..., User], drain: Drain
) -> None:
    def befriend(name: str) -> None:
        friend = person(name)
        people.follow(follower=bob, followee=friend)
        tweet = post_tweet(author=friend, text="Hello @bob")
        answer = post_tweet(author=bob, text="Hello", reply_to_id=tweet.pk)
        post_tweet(author=friend, text="See", quote_of_id=answer.pk)
        repost(user=friend, tweet_id=answer.pk)
        drain()

    befriend("first")
    cache.clear()
    few = queries(browser)
    for number in range(6):
        befriend(f"friend{number}")

    # Session, viewer, what stands around home, tweets, whom replies answer.
    assert queries(browser) == few <= 5


@pytest.mark.parametrize("query", ["cursor=x", "cursor=", "limit=0", "limit=x", "cursor=%00"])
def test_nonsense_gets_a_page_that_says_so(browser: Client, query: str) -> None:
    response = browser.get(f"/?{query}")

    assert response.status_code == 400
    assert '<p class="error-status">400</p>' in page(response)


def test_it_only_takes_readers(browser: Client) -> None:
    assert browser.head("/").status_code == 200
    assert browser.post("/").status_code == 405


def test_several_reposts_of_a_tweet_are_one_entry(
    browser: Client, alice: User, bob: User, charlie: User, drain: Drain
) -> None:
    for followee in (alice, charlie):
        people.follow(follower=bob, followee=followee)
    tweet = post_tweet(author=alice, text="Look at this")
    repost(user=charlie, tweet_id=tweet.pk)
    repost(user=alice, tweet_id=tweet.pk)
    drain()
    shown = " ".join(page(browser.get("/")).split())
    assert shown.count("<article") == 1
    assert ">alice</a> and 1 other reposted" in shown
    repost(user=bob, tweet_id=tweet.pk)
    assert "You and 2 others reposted" in " ".join(page(browser.get("/")).split())
    undo_repost(user=bob, tweet_id=tweet.pk)
    body = Api(bob).get("/api/timelines/home").json()["results"][0]
    named = [account["handle"] for account in body["reposted_by"]["accounts"]]
    assert (named, body["reposted_by"]["count"]) == (["alice", "charlie"], 2)
    assert body["repost_of"]["reposted_by"] is None


def test_a_tab_leads_to_the_ranked_home(
    browser: Client, alice: User, bob: User, charlie: User, drain: Drain
) -> None:
    people.follow(follower=bob, followee=alice)
    liked = post_tweet(author=alice, text="The older one")
    post_tweet(author=alice, text="The newer one")
    like(user=charlie, tweet_id=liked.pk)
    drain()
    assert 'href="/?view=ranked"' in page(browser.get("/"))
    shown = page(browser.get("/?view=ranked&limit=1"))
    assert "The older one" in shown
    assert "1 like, repost or answer · It is new" in shown
    further = page(browser.get(older(shown), headers=HTMX))
    assert "The newer one" in further
    assert "The older one" not in further


def tabs(html: str) -> list[str]:
    """The addresses of the tabs, with a star for the present one."""
    nav = html.partition('<nav class="tabs"')[2].partition("</nav>")[0]
    return [
        part.partition('"')[0] + ("*" if "aria-current" in part else "")
        for part in nav.split('href="')[1:]
    ]


def test_own_lists_are_tabs(browser: Client, alice: User, bob: User, drain: Drain) -> None:
    friends = create_list(owner=bob, name="<Friends>")
    foreign = create_list(owner=alice, name="Foreign")
    add_member(owner=bob, list_id=friends.pk, user=alice)
    post_tweet(author=alice, text="Only on the list")
    drain()
    home = page(browser.get("/"))
    assert tabs(home) == ["/?view=latest*", "/?view=ranked", f"/?list={friends.pk}"]
    assert "&lt;Friends&gt;" in home
    assert "Only on the list" not in home
    shown = page(browser.get(f"/?list={friends.pk}"))
    assert tabs(shown)[2] == f"/?list={friends.pk}*"
    assert "Only on the list" in shown
    part = page(browser.get(f"/?list={friends.pk}", headers=HTMX))
    assert "Only on the list" in part
    assert "<nav" not in part
    assert browser.get(f"/?list={foreign.pk}").status_code == 404
    for wrong in ("", "x", "987654", "-1", "%00", "9" * 30):
        assert browser.get(f"/?list={wrong}").status_code == 404, wrong
    before = queries(browser)
    for number in range(20):
        create_list(owner=bob, name=f"List {number:02}")
    assert queries(browser) == before
    assert len(tabs(page(browser.get("/")))) == 14, "a row of tabs has an end"


def test_the_view_of_last_time_comes_back(browser: Client) -> None:
    assert tabs(page(browser.get("/")))[0].endswith("*")
    browser.get("/?view=ranked")
    again = page(browser.get("/"))
    assert tabs(again)[1] == "/?view=ranked*"
    browser.get("/?view=nonsense")
    assert tabs(page(browser.get("/")))[1].endswith("*")
    browser.get("/?view=latest")
    assert "home" not in {name for name, kept in browser.cookies.items() if kept.value}
    assert tabs(page(browser.get("/")))[0].endswith("*")
    browser.cookies["home"] = "nonsense"
    assert tabs(page(browser.get("/")))[0].endswith("*")


def test_it_says_how_much_is_new(browser: Client, alice: User, bob: User, drain: Drain) -> None:
    people.follow(follower=bob, followee=alice)
    first = post_tweet(author=alice, text="First")
    drain()
    assert 'data-new="/home/new"' in page(browser.get("/"))
    new = f"/home/new?since={first.pk}"
    assert page(browser.get(new)).strip() == ""
    for said in ("1 new tweet<", "2 new tweets<"):
        post_tweet(author=alice, text="More")
        drain()
        assert said in page(browser.get(new))
    for _ in range(20):
        post_tweet(author=alice, text="More")
    drain()
    assert "More than 20 new tweets<" in page(browser.get(new))
    for wrong in ("", "?since=", "?since=x", "?since=-1", "?since=" + "9" * 30):
        assert browser.get(f"/home/new{wrong}").status_code == 400, wrong
    assert Client().get(new).status_code == 302


def test_a_message_waits_for_the_next_page_whatever_the_api_is_asked(browser: Client) -> None:
    browser.post("/home/reposts", {"show": ""})

    assert browser.get("/api/timelines/home").status_code == 200
    assert "Reposts are shown again." in page(browser.get("/"))
    assert "Reposts are shown again." not in page(browser.get("/"))
