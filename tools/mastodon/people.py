"""Accounts on the site under test, and tokens that they give to an app."""

import secrets
from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode, urlsplit

import requests

REDIRECT = "urn:ietf:wg:oauth:2.0:oob"
SCOPES = "read write follow profile push"


@dataclass(frozen=True)
class Somebody:
    """An account, and the token and the credentials of an app that may use it."""

    handle: str
    id: str
    token: str
    client_id: str
    client_secret: str


def register(base: str, name: str) -> Somebody:
    """Create an account, register an app, and allow it in a browser."""
    handle, password = f"{name}_{secrets.token_hex(4)}", secrets.token_urlsafe(18)
    account = {"handle": handle, "email": f"{handle}@example.org", "password": password}
    made = _checked(requests.post(f"{base}/api/auth/register", json=account, timeout=30)).json()
    app = _checked(
        requests.post(
            f"{base}/api/v1/apps",
            json={"client_name": "Clients", "redirect_uris": REDIRECT, "scopes": SCOPES},
            timeout=30,
        )
    ).json()
    code = _allowed(base, handle, password, app["client_id"])
    grant = {
        **{name: app[name] for name in ("client_id", "client_secret")},
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": REDIRECT,
    }
    token = _checked(requests.post(f"{base}/oauth/token", data=grant, timeout=30)).json()
    credentials = (app["client_id"], app["client_secret"])
    return Somebody(handle, made["user"]["id"], token["access_token"], *credentials)


def _allowed(base: str, handle: str, password: str, client_id: str) -> str:
    """The code that a person gets who signs in and allows an app."""
    wanted = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": REDIRECT,
        "scope": SCOPES,
    }
    return consent(base, handle, password, f"{base}/oauth/authorize?{urlencode(wanted)}")


def consent(base: str, handle: str, password: str, address: str) -> str:
    """Sign in, allow the app that asks at this address, and return the code for it."""
    browser = requests.Session()
    _submit(browser, f"{base}/login", {"login": handle, "password": password})
    answer = _submit(browser, address, {"decision": "allow"})
    return parse_qs(urlsplit(answer.headers["Location"]).query)["code"][0]


def _submit(browser: requests.Session, url: str, form: dict[str, str]) -> requests.Response:
    browser.get(url, timeout=30)
    token = next(c.value or "" for c in browser.cookies if c.name.endswith("csrftoken"))
    return _checked(
        browser.post(
            url,
            data={**form, "csrfmiddlewaretoken": token},
            headers={"Referer": url},
            allow_redirects=False,
            timeout=30,
        )
    )


def _checked(answer: requests.Response) -> requests.Response:
    if answer.status_code >= 400:
        raise RuntimeError(f"{answer.url} answered {answer.status_code}: {answer.text[:300]}")
    return answer
