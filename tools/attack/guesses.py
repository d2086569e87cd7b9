"""Guesses of passwords, and limits that forged headers must not lift."""

from collections.abc import Iterator

import requests

from tools.attack.target import Client, Person, Skipped, Target

MANY = 7  # guesses of one password; the sixth has to wait already


def passwords(target: Target) -> Iterator[str]:
    """Guessing a password has to wait soon, whatever addresses the client claims to have."""
    person = target.register("guessed")
    answers = [_guess(target, person, number) for number in range(MANY)]
    if not any(answer.status_code == 429 for answer in answers):
        yield f"{MANY} wrong passwords in a row were all checked"
    for answer in answers:
        if answer.status_code == 429 and "Retry-After" not in answer.headers:
            yield "a 429 does not say for how long"


def deactivation(target: Target) -> Iterator[str]:
    """The password that confirms a deactivation cannot be guessed either."""
    person = target.register("guessed")
    person.api.expects_limits = True
    body = {"password": "wrong"}
    answers = [person.api.post("/api/me/deactivate", json=body) for _ in range(MANY)]
    if not any(answer.status_code == 429 for answer in answers):
        yield f"{MANY} wrong passwords in a row were all checked"
    if any(answer.status_code < 400 for answer in answers):
        yield "a wrong password deactivated the account"


def accounts(target: Target) -> Iterator[str]:
    """A wrong password and an unknown account get the same answer."""
    known, unknown = target.register("known"), f"un{target.somebody.handle}"[:30]
    first = _sign_in(target.client(), known.handle, "wrong")
    second = _sign_in(target.client(), unknown, "wrong")
    if (first.status_code, first.text) != (second.status_code, second.text):
        yield f"{first.status_code} {first.text} and {second.status_code} {second.text}"


def limits(target: Target) -> Iterator[str]:
    """Forged addresses do not lift the limit of an address."""
    first, second = (
        _sign_in(target.client(), f"nobody{number}", "wrong", f"203.0.113.{number}")
        for number in range(2)
    )
    if "RateLimit" not in first.headers:
        raise Skipped("needs RATE_LIMIT_SIGN_IN, which is off")
    left = [
        int(answer.headers["RateLimit"].split("r=")[1].split(";")[0]) for answer in (first, second)
    ]
    if left[1] >= left[0] > 0:
        yield f"{left[0]} tries left, and {left[1]} after one more from a forged address"


def _guess(target: Target, person: Person, number: int) -> requests.Response:
    address = f"203.0.113.{number}"
    return _sign_in(target.client(), person.handle, f"wrong {number}", address)


def _sign_in(client: Client, login: str, password: str, address: str = "") -> requests.Response:
    client.expects_limits = True
    names = ("X-Forwarded-For", "X-Real-IP", "Forwarded", "True-Client-IP")
    headers = dict.fromkeys(names, address) if address else {}
    body = {"login": login, "password": password}
    return client.post("/api/auth/token", json=body, headers=headers)
