"""URLs of the admin's operations pages, below `/admin/operations/`."""

from django.urls import path

from operations import admin_views

urlpatterns = [
    path("live/", admin_views.live_page, name="live"),
    path("herd/", admin_views.herd_page, name="herd"),
]
