"""URLs of the API, below /api/."""

from django.urls import path

from timelines import api, status_api

urlpatterns = [
    path("timelines/home", api.HomeView.as_view()),
    path("status", status_api.StatusView.as_view()),
]
