"""Tweets in Django's templates: each tag is a macro of templates/tweets/cards.jinja."""

from collections.abc import Sequence

from django import template
from django.utils.safestring import SafeString

from tweets import cards as macros
from tweets.hydrate import Facts
from tweets.presenters import Card

register = template.Library()


@register.simple_tag(takes_context=True)
def tweet_feed(context: template.Context, cards: Sequence[Card]) -> SafeString:
    """Tweets, one below the other."""
    return macros.render("feed", macros.surroundings(context["request"]), cards)


@register.simple_tag(takes_context=True)
def tweet_card(context: template.Context, card: Card) -> SafeString:
    """One tweet, as it is shown in lists."""
    return macros.render("tweet", macros.surroundings(context["request"]), card)


@register.simple_tag(takes_context=True)
def tweet_actions(context: template.Context, card: Card) -> SafeString:
    """Reply, repost, quote, like."""
    return macros.render("actions", macros.surroundings(context["request"]), card)


@register.simple_tag(takes_context=True)
def tweet_menu(context: template.Context, card: Card) -> SafeString:
    """What else one can do."""
    return macros.render("menu", macros.surroundings(context["request"]), card)


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
