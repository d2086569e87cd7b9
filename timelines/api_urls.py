"""URLs of the API, below /api/."""

from django.urls import path

from timelines import api

urlpatterns = [path("timelines/home", api.HomeView.as_view())]
