"""A real OpenID provider (tools/oidc), and a person who signs in there without scripts."""

import html
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
import requests

from tests.helpers.ports import free_port

HERE = Path(__file__).parents[2] / "tools" / "oidc"
SECRET = "a secret of the provider and Chirp"
NOT_THERE = "there is no oidc-provider (npm ci in tools/oidc)"


@dataclass
class Person:
    """Somebody with a browser at the provider. `name` is how they are called there."""

    name: str
    session: requests.Session = field(default_factory=requests.Session)

    def goes(self, url: str, back_to: str) -> str:
        """Sign in and agree at the provider; return the address of Chirp that it leads back to."""
        answer = self.session.get(url, allow_redirects=False, timeout=30)
        for _ in range(12):
            while answer.is_redirect:
                url = urljoin(answer.url, answer.headers["Location"])
                if url.startswith(back_to):
                    return url
                answer = self.session.get(url, allow_redirects=False, timeout=30)
            answer = self._submits(answer)
        raise AssertionError("The provider does not lead back.")

    def _submits(self, page: requests.Response) -> requests.Response:
        action = re.search(r'<form[^>]* action="([^"]+)"', page.text)
        assert action is not None, page.text
        fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.text))
        if fields.get("prompt") == "login":
            fields |= {"login": self.name, "password": "any"}
        target = html.unescape(action[1])
        return self.session.post(target, data=fields, allow_redirects=False, timeout=30)


@contextmanager
def provider(redirect_uri: str) -> Iterator[str]:
    """A provider that runs during the block. Returns its issuer."""
    if shutil.which("node") is None or not (HERE / "node_modules" / "oidc-provider").is_dir():
        pytest.skip(NOT_THERE)
    command = ["node", "provider.mjs", str(free_port()), redirect_uri]
    with subprocess.Popen(command, cwd=HERE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            line = next((line for line in process.stdout if line.startswith("ready")), "")
            assert line, "The provider did not start."
            yield line.split()[1]
        finally:
            process.kill()


def path_of(url: str) -> str:
    """The path of an address, with its query."""
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}"
