"""Django's admin, with Chirp's site in place of its own."""

from django.contrib.admin.apps import AdminConfig


class ChirpAdminConfig(AdminConfig):
    """Stands in INSTALLED_APPS where `django.contrib.admin` would."""

    default_site = "chirp.admin_site.ChirpAdminSite"
