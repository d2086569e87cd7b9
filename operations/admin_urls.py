"""URLs of the admin's operations pages, below `/admin/operations/`."""

from django.urls import path

from operations import admin_views

urlpatterns = [
    path("live/", admin_views.live_page, name="live"),
    path("statements/", admin_views.statements_page, name="statements"),
    path("herd/", admin_views.herd_page, name="herd"),
]
