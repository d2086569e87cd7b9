"""Chirp's URLs, and those of the floors and the naive variants."""

from django.urls import include, path

from bench.naive import views
from chirp.urls import handler400, handler403, handler404, handler500

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

urlpatterns = [
    path("bench/bare", views.bare),
    path("bench/bare-post", views.bare_post),
    path("bench/bare-page", views.bare_page),
    path("bench/naive-home", views.NaiveHomeView.as_view()),
    path("", include("chirp.urls")),
]
