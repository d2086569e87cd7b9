"""Chirp's URLs, and those of the floors and the naive variants."""

from django.urls import include, path

from bench.naive import views

urlpatterns = [
    path("bench/bare", views.bare),
    path("bench/bare-post", views.bare_post),
    path("bench/bare-page", views.bare_page),
    path("bench/naive-home", views.NaiveHomeView.as_view()),
    path("", include("chirp.urls")),
]
handler400 = "web.errors.bad_request"
handler403 = "web.errors.forbidden"
handler404 = "web.errors.not_found"
handler500 = "web.errors.server_error"
