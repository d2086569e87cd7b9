"""Signals about this process, for apps above the code that runs it."""

from django.dispatch import Signal

# A long-lived process that is neither web server nor Celery begins its work. Sent with `part`: what
# it is, such as "relay".
process_started = Signal()
