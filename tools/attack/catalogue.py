"""The attacks by name. A name is the kind, a dot, and what is tried."""

from collections.abc import Callable, Iterator

from tools.attack import (
    bodies,
    cookies,
    csrf,
    guesses,
    headers,
    redirects,
    requests_,
    slow_clients,
    tokens,
)
from tools.attack.audiences.run import attack as audiences
from tools.attack.target import Target

Attack = Callable[[Target], Iterator[str]]
ATTACKS: dict[str, Attack] = {
    "slow.idle": slow_clients.idle,
    "slow.half-header": slow_clients.half_header,
    "slow.half-body": slow_clients.half_body,
    "slow.unread": slow_clients.unread,
    "slow.cut-off": slow_clients.cut_off,
    "cookies.refused": cookies.refused,
    "cookies.ignored": cookies.ignored,
    "bodies.fields": bodies.fields_of_the_api,
    "bodies.whole": bodies.bodies_of_the_api,
    "bodies.addresses": bodies.strings_in_addresses,
    "bodies.too-large": bodies.too_large_for_the_api,
    "bodies.too-large-forms": bodies.too_large_for_forms,
    "bodies.forms": bodies.forms,
    "tokens.forged": tokens.forged,
    "tokens.malformed": tokens.malformed,
    "tokens.of-others": tokens.of_others,
    "tokens.left": tokens.of_accounts_that_left,
    "tokens.used-twice": tokens.used_twice,
    "headers.caching": headers.caching,
    "headers.writes": headers.writes,
    "headers.security": headers.security,
    "headers.cookies": headers.cookies,
    "headers.log-out": headers.log_out,
    "guesses.passwords": guesses.passwords,
    "guesses.deactivation": guesses.deactivation,
    "guesses.accounts": guesses.accounts,
    "guesses.limits": guesses.limits,
    "redirects.pages": redirects.of_pages,
    "redirects.signing-in": redirects.of_signing_in,
    "redirects.paths": redirects.of_paths,
    "csrf.pages": csrf.pages,
    "csrf.api": csrf.api_by_session,
    "csrf.with-token": csrf.api_with_token,
    "csrf.simple": csrf.simple_requests,
    "csrf.links": csrf.log_out_by_link,
    "requests.hosts": requests_.hosts,
    "requests.methods": requests_.methods,
    "requests.overridden": requests_.overridden_methods,
    "requests.heads": requests_.heads,
    "requests.paths": requests_.paths,
    "requests.ids": requests_.ids,
    "requests.cursors": requests_.cursors,
    "audiences": audiences,
}


def chosen(names: list[str]) -> dict[str, Attack]:
    """The attacks with these names or of these kinds; all of them for no name.

    Raises KeyError for a name that is neither.
    """
    found: dict[str, Attack] = {}
    for name in names:
        ours = {each: attack for each, attack in ATTACKS.items() if name in (each, _kind(each))}
        if not ours:
            raise KeyError(name)
        found |= ours
    return found or ATTACKS


def _kind(name: str) -> str:
    return name.partition(".")[0]
