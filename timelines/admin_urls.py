"""Pages of the admin that are about timelines, below `/admin/timelines/`."""

from django.urls import path

from timelines import admin_views

urlpatterns = [path("live/", admin_views.live_page, name="live")]
