"""Signals about the lifecycle of this process, for apps above the code that sends them."""

from django.dispatch import Signal

# Sent when a long-lived process other than a web server or Celery starts to work. `part` is the
# kind of process, such as "relay".
process_started = Signal()

# Sent when such a process, after `process_started`, also does the work of another `part`, as the
# relay does that of the scheduler where both are one process.
part_started = Signal()
