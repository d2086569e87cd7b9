"""The URL of the metrics."""

from django.urls import path

from chirp.observability import metrics_view

urlpatterns = [path("", metrics_view.scrape)]
