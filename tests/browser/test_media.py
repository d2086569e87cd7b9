"""Pictures in a real browser: chosen and sent without scripts, shown with and without."""

from collections.abc import Callable
from pathlib import Path

import pytest
from selenium.webdriver.common.keys import Keys

from tests.browser.person import Person
from tests.helpers.pictures import picture

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_picture_is_chosen_posted_and_shown(
    opens: Callable[..., Person], drain: Callable[..., int], tmp_path: Path
) -> None:
    good, bad = tmp_path / "good.jpg", tmp_path / "bad.jpg"
    good.write_bytes(picture("JPEG", (640, 320)))
    bad.write_text("<svg/>")
    alice = opens(scripts=False)
    alice.registers("alice")

    alice.visits("/compose")
    alice.fills(text="Two colours")
    alice.one(".composer-media > summary").click()
    alice.one("[name=file1]").send_keys(str(good))
    alice.fills(alt1="Red beside blue")
    alice.one(".composer-more > summary").click()
    alice.one("[name=file2]").send_keys(str(bad))
    alice.presses("Post")
    assert "This is no file that can be shown." in alice.text

    alice.presses("Post")
    drain()
    alice.visits("/")
    image = alice.one(".feed .media img")
    assert image.get_attribute("alt") == "Red beside blue"
    # In its proportions already before it is loaded.
    assert image.size["width"] == pytest.approx(2 * image.size["height"], abs=2)

    bob = opens()
    bob.visits("/@alice")
    bob.one(".media img").click()
    viewer = bob.sees("dialog.viewer")
    assert "Red beside blue" in viewer.text
    bob.waits(lambda: bob.one(".viewer-picture").get_property("naturalWidth") == 640)
    bob.one(".viewer-zoom").click()
    assert bob.all(".is-zoomed")
    bob.browser.switch_to.active_element.send_keys(Keys.ESCAPE)
    bob.waits(lambda: not bob.all("dialog"))
    assert "media-item" in (bob.browser.switch_to.active_element.get_attribute("class") or "")
    assert bob.complaints() == []
