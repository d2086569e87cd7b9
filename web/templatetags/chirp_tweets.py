"""Tweets in Django's templates: each tag is a macro of templates/tweets/cards.jinja."""

from collections.abc import Sequence

from django import template
from django.utils.safestring import SafeString

from tweets.read.facts import Facts
from web.presenters.tweets import Card
from web.templatetags.chirp_people import person_of
from web.templating import composer
from web.templating import render as macros

register = template.Library()


def _surroundings(context: template.Context) -> macros.Surroundings:
    return macros.surroundings(context["request"], csrf_token=context["csrf_token"])


@register.simple_tag(takes_context=True)
def tweet_feed(context: template.Context, cards: Sequence[Card]) -> SafeString:
    """Tweets, one below the other."""
    return macros.feed(_surroundings(context), cards)


@register.simple_tag(takes_context=True)
def tweet_card(context: template.Context, card: Card) -> SafeString:
    """One tweet, as it is shown in lists."""
    return macros.feed(_surroundings(context), [card])


@register.simple_tag(takes_context=True)
def tweet_actions(context: template.Context, card: Card) -> SafeString:
    """Reply, repost, quote, like."""
    return macros.render("actions", _surroundings(context), card)


@register.simple_tag(takes_context=True)
def tweet_menu(context: template.Context, card: Card) -> SafeString:
    """What else one can do."""
    return macros.render("menu", _surroundings(context), card)


@register.simple_tag(takes_context=True)
def empty_composer(context: template.Context, after: str) -> SafeString:
    """Where the person who asks can write a tweet; `after` is where they go then."""
    writer = person_of(context["user"])
    return composer.empty_composer(writer=writer, after=after, csrf_token=context["csrf_token"])


@register.simple_tag
def tweet_text(card: Card) -> SafeString:
    """What it says and what it quotes."""
    return macros.render("text", card)


@register.simple_tag
def tweet_author(tweet: Facts) -> SafeString:
    """Who wrote it."""
    return macros.render("author", tweet)


@register.simple_tag
def tweet_edited(card: Card) -> SafeString:
    """That it was edited, and where to read what it said before."""
    return macros.render("edited", card)


@register.simple_tag
def tweet_audience(tweet: Facts) -> SafeString:
    """Who may see it, where that is not everybody."""
    return macros.render("audience", tweet)
