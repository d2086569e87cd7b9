"""Accounts in the admin: view them, suspend them, delete them for good, set passwords."""

from typing import Any, ClassVar, TypeVar

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminPasswordChangeForm
from django.contrib.auth.models import Group
from django.db.models import Model, QuerySet
from django.forms import CharField, ModelForm
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts import deletion, factors, services, validation
from accounts.appearance import CHOICES
from accounts.creation import normalized_password
from accounts.models import SecurityEvent, User
from accounts.oauth.models import App, AppToken
from accounts.validation import is_email
from chirp.admin import LOOKED_THROUGH, ReadOnlyAdmin, rows_of
from chirp.admin_confirmation import AsksFirst, Question, dangerous, digest_of
from chirp.errors import NotAllowed
from chirp.texts import text as _

M = TypeVar("M", bound=Model)
COUNTS = ("followers_count", "following_count", "tweets_count", "likes_count")
TIMES = ("created_at", "last_login", "deactivated_at", "delete_at", "suspended_at")
PERMISSIONS = ("is_staff", "is_superuser", "groups", "user_permissions")


class NotYourself(NotAllowed):
    """Operators cannot suspend or delete themselves."""

    message = _("You cannot do that to yourself.")


class NotStaff(NotAllowed):
    """Only superusers act against staff."""

    message = _("Only a superuser may do that to staff.")


class StateFilter(admin.SimpleListFilter):
    """Filter by state: active, waiting, deactivated, to be deleted, or suspended."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the states."""
        return [
            ("active", "Active"),
            ("waiting", "Waiting"),
            ("deactivated", "Deactivated"),
            ("deleting", "To be deleted"),
            ("suspended", "Suspended"),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        """Return the accounts in the chosen state."""
        if self.value() == "active":
            return queryset.filter(deactivated_at=None, suspended_at=None)
        if self.value() == "waiting":
            return queryset.exclude(waiting=None)
        if self.value() == "deactivated":
            return queryset.exclude(deactivated_at=None).filter(waiting=None)
        if self.value() == "deleting":
            return queryset.exclude(delete_at=None)
        return queryset.exclude(suspended_at=None) if self.value() == "suspended" else queryset


class PasswordField(CharField):
    """A password in the form in which it is compared and hashed."""

    def to_python(self, value: Any) -> str:
        """Return the normalized password."""
        return normalized_password(super().to_python(value) or "")


class PasswordForm(AdminPasswordChangeForm):  # type: ignore[type-arg]
    """Sets the password through the service, which ends all sessions and tokens."""

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(user, *args, **kwargs)
        self.fields.pop("usable_password", None)
        for name in ("password1", "password2"):
            self.fields[name] = PasswordField(
                max_length=validation.PASSWORD_LENGTH,
                strip=False,
                label=self.fields[name].label,
                widget=self.fields[name].widget,
                help_text=self.fields[name].help_text,
            )

    def save(self, commit: bool = True) -> User:
        """Set the password."""
        user: User = self.user
        services.set_password(user=user, new=self.cleaned_data["password1"])
        return user


@admin.register(User)
class UserAdmin(ReadOnlyAdmin[User], DjangoUserAdmin):  # type: ignore[type-arg]
    """Accounts. Superusers also grant access to the admin here."""

    list_display: tuple[str, ...] = (
        *("handle", "state", "followers_count", "following_count", "tweets_count"),
        *("name", "email", "private", "is_staff", "created_at"),
    )
    list_select_related = ("waiting",)
    list_filter: ClassVar[tuple[Any, ...]] = (StateFilter, "private", "is_staff")
    search_fields = ("name",)
    search_help_text = (
        "The beginning of a handle, a whole e-mail address, or words from the names of the newest "
        f"{LOOKED_THROUGH:,} accounts."
    )
    ordering = ("-pk",)
    sortable_by: ClassVar[tuple[str, ...]] = ("followers_count",)
    filter_horizontal = ("groups", "user_permissions")
    fieldsets: ClassVar[Any] = (
        (None, {"fields": ("handle", "name", "email", "password_link", "state")}),
        (
            "Profile",
            {
                "fields": (
                    *("bio", "place", "link", "private", "quotes_from"),
                    *("time_zone", "language", *CHOICES),
                )
            },
        ),
        ("Counts", {"fields": COUNTS}),
        ("Times", {"fields": TIMES}),
        ("Permissions", {"fields": PERMISSIONS}),
    )
    readonly_fields: ClassVar[tuple[str, ...]] = (
        *("handle", "name", "email", "password_link", "state", "bio", "place", "link", "private"),
        *("quotes_from", "time_zone", "language", *CHOICES, *COUNTS, *TIMES),
    )
    change_password_form = PasswordForm
    dangerous_fields = PERMISSIONS
    actions: tuple[str, ...] = ("suspend", "unsuspend", "remove_factors", "delete_now")

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Only superusers change permissions and passwords: others could promote themselves."""
        return bool(getattr(request.user, "is_superuser", False))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[User], search_term: str
    ) -> tuple[QuerySet[User], bool]:
        """Return the accounts with such a handle or e-mail address, or with these words as a name.

        Indexes serve handles, addresses and the filters, however many accounts there are.
        """
        term = search_term.strip().removeprefix("@")
        if not term:
            return queryset, False
        if is_email(term):
            return self.found(queryset, User.objects.by_email(term)), False
        named, _ = super().get_search_results(request, User.objects.all(), search_term)
        return self.found(queryset, User.objects.by_prefix(term), named), False

    def save_model(
        self, request: HttpRequest, obj: User, form: "ModelForm[User]", change: bool
    ) -> None:
        """Save only the changed fields: counts change while the form is open."""
        changed = [name for name in ("is_staff", "is_superuser") if name in form.changed_data]
        obj.save(update_fields=changed)

    def user_change_password(
        self, request: HttpRequest, id: str, form_url: str = ""
    ) -> HttpResponse:
        """Ask before a valid password is set. It is typed again, so that no page repeats it."""
        user = self.get_object(request, unquote(id))
        if request.method == "POST" and user and self.has_change_permission(request, user):
            question = _question_about_password(user)
            is_valid = self.change_password_form(user, request.POST).is_valid()
            if is_valid and not question.is_answered_by(request):
                return self.ask(request, question, again=self.change_password_form(user))
        return super().user_change_password(request, id, form_url)

    @admin.display(description="State")
    def state(self, user: User) -> str:
        """Return the state of the account."""
        if user.suspended_at is not None:
            return "suspended"
        if user.delete_at is not None:
            return f"to be deleted on {user.delete_at:%Y-%m-%d}"
        if (waits := getattr(user, "waiting", None)) is not None:
            return f"waiting for {waits.get_what_display().lower()}"
        return "active" if user.deactivated_at is None else "deactivated"

    @admin.display(description="Password")
    def password_link(self, user: User) -> SafeString:
        """Return a link to the password form. The hash itself is never displayed."""
        url = reverse("admin:auth_user_password_change", args=[user.pk])
        return format_html('<a href="{}">Set a new password</a>', url)

    @dangerous("Nobody sees these accounts and their tweets any more, and they are signed out.")
    @admin.action(description="Suspend", permissions=["moderate"])
    def suspend(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Suspend the selected accounts."""

        def act(user: User) -> None:
            _check_may_act(request, user)
            services.suspend(user=user, by=_operator(request), now=timezone.now())

        self.each(request, rows_of(queryset), act, "Suspended")

    @admin.action(description="Lift the suspension", permissions=["moderate"])
    def unsuspend(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Lift the suspension of the selected accounts."""

        def act(user: User) -> None:
            services.unsuspend(user=user, by=_operator(request))

        self.each(request, rows_of(queryset), act, "Suspension lifted")

    @dangerous("Their password alone signs them in. First make sure who asks you for it.")
    @admin.action(description="Remove all second factors", permissions=["change"])
    def remove_factors(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Remove the second factors of accounts whose owners have lost them."""

        def act(user: User) -> None:
            factors.remove_all(user=user)

        self.each(request, rows_of(queryset), act, "Second factors removed")

    @dangerous(
        "All that belongs to these accounts is deleted for good, now. Nothing brings it back."
    )
    @admin.action(description="Delete for good, now", permissions=["change"])
    def delete_now(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Delete the selected accounts without delay."""

        def act(user: User) -> None:
            _check_may_act(request, user)
            deletion.delete_now(user=user, now=timezone.now())

        self.each(request, rows_of(queryset), act, "Deletion begun")


def _question_about_password(user: User) -> Question:
    return Question(
        title=f"Set a new password for {user}?",
        consequence="The old password stops working, and all devices are signed out of:",
        lines=[f"{user}, {user.email}"],
        more=0,
        digest=digest_of(["password", user.pk]),
    )


class GroupAdmin(AsksFirst[Group], DjangoGroupAdmin):
    """Groups of operators."""

    dangerous_fields = ("permissions",)


admin.site.unregister(Group)
admin.site.register(Group, GroupAdmin)


def _operator(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # the admin rejects anonymous visitors
    return request.user


def _check_may_act(request: HttpRequest, user: User) -> None:
    operator = _operator(request)
    if user.pk == operator.pk:
        raise NotYourself
    if (user.is_staff or user.is_superuser) and not operator.is_superuser:
        raise NotStaff


@admin.register(SecurityEvent)
class SecurityEventAdmin(ReadOnlyAdmin[SecurityEvent]):
    """The security log of all accounts. Which operator acted is in the log of the admin."""

    list_display = ("id", "user", "what", "address", "created_at")
    list_display_links = ("id",)
    list_select_related = ("user",)
    list_filter = ("kind",)
    search_fields = ("address",)  # enables the search box; see get_search_results
    search_help_text = "A whole handle, or the IP address or IPv6 network of a client."
    fields = ("user", "what", "address", "network", "created_at")
    readonly_fields = fields

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[SecurityEvent], search_term: str
    ) -> tuple[QuerySet[SecurityEvent], bool]:
        """Return the events of one account, or those from one address or network."""
        term = search_term.strip()
        if not term:
            return super().get_search_results(request, queryset, "")
        events = SecurityEvent.objects
        if "." in term or ":" in term:
            return self.found(
                queryset, events.filter(address=term), events.filter(network=term)
            ), False
        owner = User.objects.by_handle(term.removeprefix("@")).first()
        return self.found(queryset, events.filter(user=owner)), False

    @admin.display(description="What happened")
    def what(self, event: SecurityEvent) -> str:
        """Return the kind of the event, for people."""
        return event.get_kind_display()


class OwnedAdmin(ReadOnlyAdmin[M]):
    """Rows that are searched by the handle of the account in the field `owner`."""

    owner = "owner"

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[M], search_term: str
    ) -> tuple[QuerySet[M], bool]:
        """Return the rows of the account with exactly this handle, which an index serves."""
        term = search_term.strip().removeprefix("@")
        owners = User.objects.by_handle(term).values("pk")
        return (queryset.filter(**{f"{self.owner}__in": owners}) if term else queryset), False


@admin.register(App)
class AppAdmin(ReadOnlyAdmin[App]):
    """Apps that registered themselves for the Mastodon API."""

    list_display = ("name", "website", "used", "created_at")
    list_filter = ("used",)
    search_fields = ("name",)
    fields = ("name", "website", "redirect_uris", "scopes", "client_id", "used", "created_at")
    readonly_fields = fields


@admin.register(AppToken)
class AppTokenAdmin(OwnedAdmin[AppToken]):
    """Tokens of apps. What is stored of them opens nothing."""

    owner = "user"
    search_fields = ("pk",)  # enables the search box
    search_help_text = "The handle of an account."

    list_display = ("id", "app", "user", "created_at")
    list_select_related = ("app", "user")
    fields = ("app", "user", "scopes", "created_at")
    readonly_fields = fields
