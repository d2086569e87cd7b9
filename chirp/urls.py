"""The root URLconf. It includes by string, so that this module imports no app."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    # Django tries them in order, so the most requested come first.
    path("", include("mastodon.urls")),
    path("api/", include("api.urls")),
    path("metrics", include("chirp.observability.urls")),
    path("admin/operations/", include("operations.admin_urls")),
    path("admin/", admin.site.urls),
    path(".well-known/", include("api.well_known_urls")),
    path("", include("web.urls")),
]

handler400 = "chirp.error_handlers.bad_request"
handler403 = "chirp.error_handlers.forbidden"
handler404 = "chirp.error_handlers.not_found"
handler500 = "chirp.error_handlers.server_error"
