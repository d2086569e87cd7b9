"""Django's admin app, with Chirp's admin site as the default."""

from django.contrib.admin.apps import AdminConfig


class ChirpAdminConfig(AdminConfig):
    """Replaces `django.contrib.admin` in INSTALLED_APPS."""

    default_site = "chirp.admin_site.ChirpAdminSite"
