"""Notifications on devices, by the push services of browsers and apps: docs/push.md."""
