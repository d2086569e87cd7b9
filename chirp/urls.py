"""Every URL, included by string so that this module imports no app."""

from django.contrib import admin
from django.urls import include, path

from chirp import health

urlpatterns = [
    path("healthz", health.alive),
    path("readyz", health.ready),
    path("admin/", admin.site.urls),
]
