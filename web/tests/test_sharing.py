"""Public pages elsewhere: feeds, embedded tweets, previews of links, search engines."""

import json
import re
from collections.abc import Callable
from html import unescape
from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client

from accounts.models import User
from lists import services as people_lists
from people.profile import update_profile
from people.services import follow
from tests.helpers.pages import code_in, page
from tests.helpers.strings import FAMILY
from tweets.deleting import delete_tweet
from tweets.marks import repost
from tweets.models import Tweet
from tweets.polls.rules import NewPoll
from tweets.posting import post_tweet

HOST = "http://testserver"
ATOM = "{http://www.w3.org/2005/Atom}"


def titles(form: str, content: bytes) -> list[str]:
    """The titles of the entries of a feed."""
    if form == "json":
        return [item["title"] for item in json.loads(content)["items"]]
    tag = "item/title" if form == "rss" else f"{ATOM}entry/{ATOM}title"
    root = ElementTree.fromstring(content)
    return [found.text or "" for found in root.iterfind(f".//{tag}")]


def feed(path: str, form: str) -> list[str]:
    """The titles of a feed that is there."""
    response = Client().get(f"{path}/feed.{form}")
    assert response.status_code == 200, (path, form)
    assert response["Content-Type"].startswith(("application/", "text/"))
    return titles(form, response.content)


@pytest.mark.parametrize("form", ["rss", "atom", "json"])
def test_feeds_have_what_everybody_may_see(form: str, alice: User, bob: User) -> None:
    first = post_tweet(author=alice, text="Good morning #chirp")
    post_tweet(author=alice, text="For followers #chirp", visibility="followers")
    post_tweet(author=alice, text="Behind it", spoiler="The end of the film")
    post_tweet(author=bob, text="By bob #Chirp", reply_to_id=first.pk)
    repost(user=bob, tweet_id=first.pk)
    made = people_lists.create_list(owner=bob, name="People", private=False)
    people_lists.add_member(owner=bob, list_id=made.pk, user=alice)

    assert feed("/@alice", form) == ["The end of the film", "Good morning #chirp"]
    assert feed("/@ALICE", form) == feed("/@alice", form)
    assert feed("/@bob", form) == []
    assert feed("/hashtag/chirp", form) == ["By bob #Chirp", "Good morning #chirp"]
    assert feed(f"/lists/{made.pk}", form) == ["The end of the film", "Good morning #chirp"]
    assert "Behind it" not in Client().get(f"/@alice/feed.{form}").content.decode()

    delete_tweet(author=alice, tweet_id=first.pk)
    assert feed("/@alice", form) == ["The end of the film"]


@pytest.mark.parametrize("form", ["rss", "atom", "json"])
def test_feeds_hold_the_worst_texts(form: str, alice: User) -> None:
    post_tweet(author=alice, text="]]> <![CDATA[ <script> &amp; & \" ' " + FAMILY)
    assert feed("/@alice", form)[0].startswith("]]> <![CDATA[ <script> &amp;")
    # From before a rule of texts, or out of an archive: no XML can hold these characters.
    Tweet.objects.filter(author=alice).update(text="a\x01\x02\ufffe]]>b")
    assert feed("/@alice", form)[0].replace("\x01\x02\ufffe", "") == "a]]>b"


def test_links_in_feeds_lead_to_this_site_and_texts_stay_as_they_are(
    alice: User, bob: User
) -> None:
    text = 'href="/x" @bob #tag https://example.org/a'
    quoted = post_tweet(author=bob, text="Well said")
    post_tweet(author=alice, text=text, quote_of_id=quoted.pk)
    (item,) = Client().get("/@alice/feed.json").json()["items"]
    html = item["content_html"]
    assert re.findall(r'<a [^>]*href="([^"]*)"', html) == [
        f"{HOST}/@bob",
        f"{HOST}/hashtag/tag",
        "https://example.org/a",
        f"{HOST}/@bob/{quoted.pk}",
    ]
    link = f'<a href="{HOST}/@bob/{quoted.pk}">bob</a>'
    assert html.endswith(f"<blockquote><p>Well said</p><p>— {link}</p></blockquote>")
    assert 'href="/x"' in unescape(re.sub("<[^>]*>", "", html))
    assert (item["tags"], item["authors"][0]["url"]) == (["tag"], f"{HOST}/@alice")


def test_feeds_of_what_is_closed_or_missing_are_not_there(alice: User, bob: User) -> None:
    secret = people_lists.create_list(owner=alice, name="Mine", private=True)
    update_profile(user=bob, changes={"private": True})
    browser = Client()
    browser.force_login(alice)
    follow(follower=alice, followee=bob)
    for path in (
        *("/@bob/feed.rss", "/@nobody/feed.rss", "/@alice/feed.xml", "/@alice/feed."),
        *(f"/lists/{secret.pk}/feed.rss", "/hashtag/-/feed.rss", "/hashtag/a%00b/feed.atom"),
    ):
        assert browser.get(path).status_code == 404, path


def test_a_feed_reader_that_has_the_feed_is_told_so(alice: User) -> None:
    post_tweet(author=alice, text="One")
    response = Client().get("/@alice.rss")
    headers = {"If-None-Match": response["ETag"]}
    assert Client().get("/@alice.rss", headers=headers).status_code == 304
    post_tweet(author=alice, text="Two")
    assert Client().get("/@alice.rss", headers=headers).status_code == 200


def test_pages_name_their_feeds_and_say_what_apps_show_of_a_link(alice: User) -> None:
    tweet = post_tweet(author=alice, text='He said "<b>yes</b>" & left')
    html = page(Client().get(f"/@alice/{tweet.pk}"))
    found = dict(re.findall(r'<meta property="([^"]+)" content="([^"]*)">', html))
    assert unescape(found["og:description"]) == tweet.text
    assert found["og:url"] == f"{HOST}/@alice/{tweet.pk}"
    assert found["og:type"] == "article"
    address = re.findall(r'type="application/json\+oembed" href="([^"]+)"', html)[0]
    assert Client().get(unescape(address)).json()["title"] == " ".join(tweet.text.split())
    for path in ("/@alice", "/hashtag/one"):
        links = re.findall(r'rel="alternate" [^>]*href="([^"]+)"', page(Client().get(path)))
        assert [Client().get(link).status_code for link in links] == [200] * 3, path


def test_a_warning_hides_the_text_from_previews_and_frames(alice: User) -> None:
    tweet = post_tweet(author=alice, text="He did it", spoiler="The end")
    address = f"/@alice/{tweet.pk}"
    head = page(Client().get(address)).partition("</head>")[0]
    answer = Client().get("/oembed", {"url": HOST + address}).content.decode()
    assert "The end" in head
    assert "He did it" not in head + answer


def test_a_tweet_can_be_put_in_a_frame_and_no_other_page(alice: User) -> None:
    tweet = post_tweet(author=alice, text="For everybody", poll=NewPoll(["Tea", "Coffee"], 300))
    browser = Client()
    browser.force_login(alice)
    response = browser.get(f"/@alice/{tweet.pk}/embed")
    html = page(response)
    assert "For everybody" in html
    assert "X-Frame-Options" not in response
    assert "frame-ancestors *" in response["Content-Security-Policy"]
    assert "default-src 'self'" in response["Content-Security-Policy"]
    # Whoever looks, it is the page of a stranger: nothing to press, nothing of the viewer's.
    assert ("<form" in html, "<script" in html, code_in(html)) == (False, False, [])
    other = browser.get(f"/@alice/{tweet.pk}")
    assert other["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in other["Content-Security-Policy"]


def test_oembed_answers_as_its_specification_says(alice: User) -> None:
    tweet = post_tweet(author=alice, text="A tweet & more")
    address = f"{HOST}/@alice/{tweet.pk}"
    answer = Client().get("/oembed", {"url": address, "maxwidth": "300", "maxheight": "100"})
    body = answer.json()
    assert (body["version"], body["type"], body["width"], body["height"]) == (
        "1.0",
        "rich",
        300,
        100,
    )
    assert f'src="{address}/embed"' in body["html"]
    assert answer["Access-Control-Allow-Origin"] == "*"
    xml = Client().get("/oembed", {"url": address, "format": "xml"})
    root = ElementTree.fromstring(xml.content)
    assert root.findtext("title") == "A tweet & more"


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({}, 400),
        ({"url": "nonsense"}, 404),
        ({"url": "http://testserver/\x00"}, 400),
        ({"url": "{tweet}", "maxwidth": "-1"}, 400),
        ({"url": "{tweet}", "maxwidth": "9" * 5000}, 400),
        ({"url": "{tweet}", "format": "yaml"}, 501),
        ({"url": "https://example.org/@alice/1"}, 404),
        ({"url": "http://testserver/@alice"}, 404),
        ({"url": "http://testserver/@alice/123"}, 404),
        ({"url": "{followers}"}, 404),
        ({"url": "http://[/"}, 404),
    ],
)
def test_oembed_refuses_what_it_cannot_embed(
    query: dict[str, Any], status: int, alice: User
) -> None:
    paths = {
        visibility: f"{HOST}/@alice/{post_tweet(author=alice, text='x', visibility=name).pk}"
        for visibility, name in (("{tweet}", "public"), ("{followers}", "followers"))
    }
    sent = {name: paths.get(value, value) for name, value in query.items()}
    assert Client().get("/oembed", sent).status_code == status


def test_search_engines_find_public_profiles_and_no_settings(
    alice: User, bob: User, person: Callable[..., User]
) -> None:
    for user in (alice, bob, silent := person("silent"), limited := person("limited")):
        if user != silent:
            post_tweet(author=user, text="x")
    update_profile(user=bob, changes={"private": True})
    User.objects.filter(pk=limited.pk).update(limited_at=alice.created_at)
    browser = Client()
    robots = page(browser.get("/robots.txt"))
    assert "Disallow: /settings" in robots
    assert f"Sitemap: {HOST}/sitemap.xml" in robots
    parts = re.findall("<loc>(.*?)</loc>", page(browser.get("/sitemap.xml")))
    assert parts == [f"{HOST}/sitemap-pages.xml", f"{HOST}/sitemap-people.xml"]
    urls = [re.findall("<loc>(.*?)</loc>", page(browser.get(part))) for part in parts]
    assert urls == [[f"{HOST}{path}" for path in ("/", "/explore", "/about")], [f"{HOST}/@alice"]]
    for bad in ("/sitemap-other.xml", "/sitemap-people.xml?p=9", "/sitemap-people.xml?p=x"):
        assert browser.get(bad).status_code == 404, bad
