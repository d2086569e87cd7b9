"""The site's front page, and how the site is."""

from django.urls import path

from timelines import status_views, views

urlpatterns = [
    path("", views.home, name="home"),
    path("status", status_views.status_page, name="status"),
]
