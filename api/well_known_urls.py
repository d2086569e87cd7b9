"""URLs below `/.well-known/` (RFC 8615)."""

from django.urls import path

from api.views.accounts import KeysView

urlpatterns = [path("jwks.json", KeysView.as_view())]
