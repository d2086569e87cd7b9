"""Lists, followed hashtags and filters in the admin: that they are there, not what is in them."""

from accounts.models import User
from filters.matching import Phrase
from filters.models import Filter
from filters.services import create_filter
from lists.hashtags import follow_hashtag
from lists.models import HashtagFollow, ListMember, PeopleList
from lists.services import add_member, create_list
from tests.helpers.admin import address, browser
from tests.helpers.pages import page


def test_operators_do_not_read_what_is_private(alice: User, bob: User, charlie: User) -> None:
    for name, private in (("secret list", True), ("open list", False)):
        made = create_list(owner=alice, name=name, private=private)
        add_member(owner=alice, list_id=made.pk, user=charlie if private else bob)
    follow_hashtag(user=alice, tag="secrettag")
    create_filter(
        owner=alice, title="secret title", phrases=[Phrase("secret", True)], contexts=["home"]
    )
    client = browser(bob, superuser=True)
    seen = ""
    for model in (PeopleList, ListMember, HashtagFollow, Filter):
        for term in ("", "alice", "@alice"):
            seen += page(client.get(address(model), {"q": term}))
        for row in model.objects.all():
            seen += page(client.get(address(model, "change", row.pk)))
        assert "0 results" in page(client.get(address(model), {"q": "charlie"}))
    assert "open list" in seen
    assert "secret" not in seen
    assert "charlie" not in seen
