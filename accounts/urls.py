"""The site's addresses about people."""

from django.urls import path, register_converter

from accounts import people_views, views


class HandleConverter:
    """A handle, in any case."""

    regex = "[A-Za-z0-9_]{1,30}"

    def to_python(self, value: str) -> str:
        """As it stands in the address."""
        return value

    def to_url(self, value: str) -> str:
        """As it is written by its owner."""
        return value


register_converter(HandleConverter, "handle")

urlpatterns = [
    path("login", views.sign_in, name="login"),
    path("register", views.register, name="register"),
    path("logout", views.sign_out, name="logout"),
    path("settings", views.profile_settings, name="settings"),
    path("settings/password", views.password_settings, name="settings_password"),
    path("settings/account", views.account_settings, name="settings_account"),
    path("settings/requests", people_views.follow_requests, name="follow_requests"),
    path("@<handle:handle>/followers", people_views.followers, name="followers"),
    path("@<handle:handle>/following", people_views.following, name="following"),
    *(
        path(f"@<handle:handle>/{action}", people_views.change_edge, {"action": action}, action)
        for action in people_views.EDGES
    ),
]
