"""Every URL, included by string so that this module imports no app."""

from django.contrib import admin
from django.urls import include, path

from chirp import health, openapi, scrape

urlpatterns = [
    # Tried one by one, so what is read most comes first.
    path("", include("timelines.urls")),
    path("api/", include("timelines.api_urls")),
    path("healthz", health.alive),
    path("readyz", health.ready),
    path("metrics", scrape.scrape),
    path("admin/timelines/", include("timelines.admin_urls")),
    path("admin/", admin.site.urls),
    path("api/schema", openapi.as_json),
    path("api/docs", openapi.as_page),
    path("api/", include("accounts.api_urls")),
    path("api/", include("tweets.api_urls")),
    path(".well-known/", include("accounts.well_known_urls")),
    path("", include("accounts.urls")),
    path("", include("tweets.urls")),
]

handler400 = "chirp.views.bad_request"
handler403 = "chirp.views.forbidden"
handler404 = "chirp.views.not_found"
handler500 = "chirp.views.server_error"
