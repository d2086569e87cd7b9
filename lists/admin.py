"""The admin for lists and followed hashtags, without what only their owners may read."""

from django.contrib import admin

from accounts.admin import OwnedAdmin
from lists.models import FeaturedHashtag, HashtagFollow, ListMember, PeopleList

PRIVATE = "(private: only the owner of the list can read it)"


@admin.register(PeopleList)
class PeopleListAdmin(OwnedAdmin[PeopleList]):
    """Lists of people. The names of private ones are not shown."""

    list_display = ("id", "owner", "shown_name", "private", "exclusive", "created_at")
    list_select_related = ("owner",)
    list_filter = ("private",)
    search_fields = ("owner__handle",)
    search_help_text = "The handle of an owner."
    fields = list_display
    readonly_fields = fields

    @admin.display(description="Name")
    def shown_name(self, row: PeopleList) -> str:
        """Return the name, unless the list is private."""
        return PRIVATE if row.private else row.name


@admin.register(ListMember)
class ListMemberAdmin(OwnedAdmin[ListMember]):
    """Who is on the lists that are not private."""

    owner = "list__owner"
    list_display = ("id", "list_id", "owner_of_list", "shown_user", "created_at")
    list_select_related = ("list__owner", "user")
    search_fields = ("list__owner__handle",)
    search_help_text = "The handle of the owner of lists."
    fields = list_display
    readonly_fields = fields

    @admin.display(description="Owner")
    def owner_of_list(self, row: ListMember) -> str:
        """Return the account that keeps the list."""
        return str(row.list.owner)

    @admin.display(description="Member")
    def shown_user(self, row: ListMember) -> str:
        """Return the person, unless the list is private."""
        return PRIVATE if row.list.private else str(row.user)


@admin.register(HashtagFollow)
class HashtagFollowAdmin(OwnedAdmin[HashtagFollow]):
    """Who follows how many hashtags, not which."""

    owner = "user"
    list_display = ("id", "user", "created_at")
    list_select_related = ("user",)
    search_fields = ("user__handle",)
    search_help_text = "A handle."
    fields = list_display
    readonly_fields = fields


@admin.register(FeaturedHashtag)
class FeaturedHashtagAdmin(OwnedAdmin[FeaturedHashtag]):
    """The hashtags on profiles."""

    owner = "user"
    list_display = ("id", "user", "tag", "created_at")
    list_select_related = ("user",)
    search_fields = ("user__handle",)
    search_help_text = "A handle."
    fields = list_display
    readonly_fields = fields
