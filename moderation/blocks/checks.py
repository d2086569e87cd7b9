"""Refuse what is blocked: the functions behind settings.HOOKS.

Networks and words are remembered: they are asked for at every request and every tweet.
"""

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from django.db import InterfaceError, OperationalError
from django.db.models.functions import Lower

from chirp.errors import ChirpError, NotAllowed
from chirp.texts import text as _
from filters.matching import Phrase, finds, normal_of
from moderation.blocks.models import EmailDomain, Network, Word
from moderation.remembered import Remembered
from moderation.reporting import report_by_itself
from tweets.models import Tweet

AnyNetwork = IPv4Network | IPv6Network


class EmailBlocked(ChirpError):
    """The domain of the address is blocked."""

    code = "email_blocked"
    message = _("Addresses of this e-mail provider are not accepted. Use another one.")
    field = "email"


class AddressBlocked(NotAllowed):
    """The network of the client is blocked."""

    code = "address_blocked"
    message = _("Your network is blocked on this site.")


class WordBlocked(ChirpError):
    """A text has a blocked word."""

    code = "word_blocked"


def _networks() -> dict[str, list[AnyNetwork]]:
    rows = Network.objects.values_list("network", "scope")
    found: dict[str, list[AnyNetwork]] = {scope: [] for scope in Network.Scope.values}
    for network, scope in rows:
        found[scope].append(ip_network(network))
    return found


def _words() -> dict[str, list[Phrase]]:
    found: dict[str, list[Phrase]] = {severity: [] for severity in Word.Severity.values}
    for text, whole, severity in Word.objects.values_list("text", "whole_word", "severity"):
        found[severity].append(Phrase(text, whole))
    return found


networks = Remembered(_networks)
words = Remembered(_words)


def forget() -> None:
    """Let this process see a change at once."""
    networks.forget()
    words.forget()


def registering(*, address: str) -> None:
    """Refuse a registration from a blocked network. Raises AddressBlocked."""
    if _is_in(address, [*networks()["sign_up"], *networks()["all"]]):
        raise AddressBlocked


def addressing(*, email: str) -> None:
    """Refuse an address of a blocked domain, for an old account too. Raises EmailBlocked."""
    labels = email.rpartition("@")[2].lower().split(".")
    domains = [".".join(labels[start:]) for start in range(len(labels))]
    if EmailDomain.objects.annotate(lower=Lower("domain")).filter(lower__in=domains).exists():
        raise EmailBlocked


def requesting(*, address: str) -> None:
    """Refuse a request of a network from which all are. Raises AddressBlocked."""
    try:
        blocked = networks()["all"]
    except (OperationalError, InterfaceError):  # pages that need no database still work
        networks.set({scope: [] for scope in Network.Scope.values})
        return
    if blocked and _is_in(address, blocked):
        raise AddressBlocked


def naming(*, text: str, field: str) -> None:
    """Refuse a handle or a name with a blocked word, whatever its severity. Raises WordBlocked."""
    found = words()
    _refuse([*found["refuse"], *found["report"]], text, field)


def writing(*, text: str, field: str) -> None:
    """Refuse a text of a tweet with a word that is refused. Raises WordBlocked."""
    _refuse(words()["refuse"], text, field)


def written(*, tweet: Tweet) -> None:
    """Report a tweet with a word that is reported, in the transaction that wrote it."""
    phrases = words()["report"]
    if phrases and finds(phrases, normal_of((tweet.text, tweet.spoiler))):
        report_by_itself(tweet=tweet)


def _refuse(phrases: Sequence[Phrase], text: str, field: str) -> None:
    normalized = normal_of((text,)) if phrases else ""
    word = next((each.text for each in phrases if finds([each], normalized)), None)
    if word is not None:
        raise WordBlocked(_("“%(word)s” is not allowed here.", word=word), field=field)


def _is_in(address: str, blocked: Sequence[AnyNetwork]) -> bool:
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    return any(ip in network for network in blocked)
