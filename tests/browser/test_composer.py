"""The composer with scripts: completions, threads, files, and the draft that is kept."""

from collections.abc import Callable
from pathlib import Path

import pytest
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

from accounts.models import User
from media.models import Media
from search.people import index_people
from tests.browser.person import Person
from tests.helpers.pictures import picture
from tweets.models import Tweet

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

DROP = """
const [form, kind] = arguments;
const data = new DataTransfer();
form.querySelector("canvas").toBlob((blob) => {
  data.items.add(new File([blob], `${kind}.png`, {type: "image/png"}));
  const event = kind === "paste"
    ? new ClipboardEvent("paste", {clipboardData: data, bubbles: true})
    : new DragEvent("drop", {dataTransfer: data, bubbles: true});
  form.dispatchEvent(event);
});
"""


@pytest.fixture
def writer(opens: Callable[..., Person], alice: User, bob: User) -> Person:
    """alice in her composer."""
    index_people([bob.pk])
    person = opens()
    person.signs_in("alice")
    person.visits("/compose")
    person.sees(".composer-words")
    return person


def field(person: Person) -> WebElement:
    """Where the text is typed."""
    return person.one("[name=text]")


def test_a_thread_with_files_is_written_kept_and_posted(writer: Person, tmp_path: Path) -> None:
    field(writer).send_keys("Good morning, @bo")
    assert writer.sees("[role=option]").text.endswith("@bob")
    assert field(writer).get_attribute("aria-activedescendant")
    field(writer).send_keys(Keys.ENTER)
    assert field(writer).get_attribute("value") == "Good morning, @bob "
    assert writer.one(".composer-count").text == str(500 - 18)
    writer.presses("Add another tweet")
    writer.browser.switch_to.active_element.send_keys("The second one")
    assert writer.path == "/compose"

    writer.visits("/explore")
    writer.visits("/compose")  # what was typed is there again
    writer.waits(lambda: field(writer).get_attribute("value") == "Good morning, @bob ")
    assert writer.one("[name=parts]").get_attribute("value") == "The second one"

    writer.one(".composer-media > summary").click()
    first, second = tmp_path / "first.png", tmp_path / "second.png"
    first.write_bytes(picture("PNG", (200, 100)))
    second.write_bytes(picture("PNG", (100, 100)))
    writer.one(".composer-choose input").send_keys(f"{first}\n{second}")
    writer.waits(lambda: len(writer.all("canvas")) == 2)
    for number, kind in enumerate(("paste", "drop"), 3):
        writer.browser.execute_script(DROP, writer.one("form.composer"), kind)
        writer.waits(lambda number=number: len(writer.all("canvas")) == number)  # type: ignore[misc]
    writer.one("[name=alt1]").send_keys("Two colours")
    writer.one(".composer-picture").click()
    assert "0.0" in str(writer.one("[name=focus1]").get_attribute("value"))
    writer.presses("Remove drop.png")
    assert len(writer.all("canvas")) == 3

    writer.presses("Post")
    writer.waits(lambda: Tweet.objects.count() == 2)
    assert Media.objects.exclude(tweet_id=None).count() == 3
    assert Media.objects.filter(alt="Two colours").count() == 1
    writer.sees(".notices")
    assert writer.browser.execute_script("return Object.keys(localStorage)") == []
    assert writer.complaints() == []


def test_no_draft_is_left_after_signing_out(writer: Person) -> None:
    field(writer).send_keys("Between us")
    writer.visits("/")
    kept = writer.browser.execute_script("return Object.values(localStorage).join()")
    assert "Between us" in kept

    writer.presses("Log out", within=".nav")
    writer.waits(lambda: "Create an account" in writer.text)
    assert writer.browser.execute_script("return Object.keys(localStorage)") == []
