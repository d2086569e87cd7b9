"""Permissions of the API that hold for all endpoints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from accounts import emails
from api.authentication import viewer_of

if TYPE_CHECKING:
    from rest_framework.views import APIView  # at run time it would load these classes: a cycle

OWN_ACCOUNT = ("/api/me", "/api/auth/")


class ConfirmedToWrite(BasePermission):
    """Only accounts with a confirmed address change anything but themselves, where that is so."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Return True, or raise NotConfirmed."""
        viewer = viewer_of(request)
        if viewer is None or request.method in SAFE_METHODS:
            return True
        if not request.path.startswith(OWN_ACCOUNT):
            emails.check_may_write(viewer)
        return True
