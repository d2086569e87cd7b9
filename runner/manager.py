"""The process manager: supervisor, with our table of programs.

Supervisor starts, watches and restarts the processes, and stops them stage by stage. What is added
here: a prefix for every line, steps that must be done before the rest may start, and the wish to be
told of the manager's sudden end that each child gets. Why supervisor: docs/decisions/0001.
"""

import contextlib
import os
import secrets
import shlex
import signal
import sys
from pathlib import Path

from supervisor import events, loggers
from supervisor.medusa.asyncore_25 import ExitNow
from supervisor.options import ServerOptions
from supervisor.poller import Poller
from supervisor.states import SupervisorStates
from supervisor.supervisord import Supervisor

from runner.embedded import die_with_parent
from runner.output import Output
from runner.programs import STAGES, Program

NAME = "manager"
STOPS = {"INT": signal.SIGINT, "TERM": signal.SIGTERM}


def run(programs: list[Program], config: Path) -> int:
    """Run the programs until told to stop. The exit status: 0, or 1 when a step failed."""
    _write_config(programs, config)
    colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    width = max(len(program.name) for program in programs)
    manager = Manager(programs, Output(sys.stdout.buffer, width=width, colour=colour))
    manager.realize(["--configuration", str(config)])
    manager.first, manager.test = True, False
    with contextlib.suppress(ExitNow):
        manager.supervisor.main()
    manager.close_httpservers()
    manager.close_logger()
    return 1 if manager.failed else 0


class Manager(ServerOptions):  # type: ignore[misc]
    """Supervisor's options: everything in it that touches the operating system."""

    def __init__(self, programs: list[Program], output: Output) -> None:
        super().__init__()
        self.programs = {program.name: program for program in programs}
        self.output = output
        self.failed = False
        self.pid = os.getpid()
        self.supervisor = Supervisor(self)
        self.poller = _Poller(self)

    def make_logger(self) -> None:
        """Let the manager's own log go where the others go."""
        super().make_logger()
        handler = loggers.StreamHandler(_Stream(self.output))
        handler.setFormat("%(asctime)s %(levelname)s %(message)s\n")
        handler.setLevel(self.loglevel)
        self.logger.addHandler(handler)

    def setsignals(self) -> None:
        """Called when all is set up and nothing runs yet: the place to subscribe to events."""
        super().setsignals()
        events.subscribe(events.ProcessLogEvent, self._said)
        events.subscribe(events.ProcessStateExitedEvent, self._exited)
        events.subscribe(events.ProcessStateStoppedEvent, self._stopped)
        events.subscribe(events.ProcessStateBackoffEvent, self._stopped)

    def get_signal(self) -> int | None:
        """A terminal that goes away means stop, not supervisor's "reload"."""
        number: int | None = super().get_signal()
        return signal.SIGTERM if number == signal.SIGHUP else number

    def execve(self, filename: str, argv: list[str], env: dict[str, str]) -> None:
        """In the child, just before it becomes the program."""
        program = self.programs[env["SUPERVISOR_PROCESS_NAME"]]
        die_with_parent(STOPS[program.stop_signal], parent=self.pid)
        super().execve(filename, argv, env)

    def in_motion(self) -> bool:
        """Whether we are still starting, or already stopping."""
        groups = self.supervisor.process_groups or {}
        started = all(p.laststart for group in groups.values() for p in group.processes.values())
        return not started or self.mood < SupervisorStates.RUNNING

    def _said(self, event: events.ProcessLogEvent) -> None:
        self.output.add(event.process.config.name, event.data)

    def _stopped(self, event: events.ProcessStateEvent) -> None:
        self.output.end(event.process.config.name)

    def _exited(self, event: events.ProcessStateEvent) -> None:
        self._stopped(event)
        if not (self.programs[event.process.config.name].step and event.expected):
            return
        if event.process.exitstatus:
            self.failed = True
            self.mood = SupervisorStates.SHUTDOWN
        elif self.mood == SupervisorStates.RUNNING:
            self._start_those_after(event.process.config.name)

    def _start_those_after(self, step: str) -> None:
        """Start what waited for this step. One that was started before is left as it is."""
        for group in self.supervisor.process_groups.values():
            for process in group.processes.values():
                if self.programs[process.config.name].after == step and not process.laststart:
                    process.spawn()


class _Poller(Poller):  # type: ignore[misc]
    """Supervisor looks after each stage once a second, which adds up while starting or stopping."""

    def poll(self, timeout: float | None) -> tuple[list[int], list[int]]:
        return super().poll(0.05 if self.options.in_motion() else timeout)  # type: ignore[no-any-return]


class _Stream:
    """A stream to supervisor's logger that is one of the voices in our output."""

    def __init__(self, output: Output) -> None:
        self._output = output

    def write(self, text: str | bytes) -> None:
        self._output.add(NAME, text.encode() if isinstance(text, str) else text)

    def flush(self) -> None:
        pass

    def close(self) -> None:
        pass


def _write_config(programs: list[Program], config: Path) -> None:
    """Write supervisor's configuration, which `supervisorctl --configuration` reads as well."""
    password = secrets.token_hex(16)  # the socket is private anyway, but supervisor insists
    access = {"username": "chirp", "password": password}
    socket = f"{_escape(str(config.parent))}/supervisor.sock"
    sections = {
        "supervisord": {
            "nodaemon": "true",
            "silent": "true",
            "nocleanup": "true",
            "logfile": os.devnull,
            "logfile_maxbytes": "0",
            "pidfile": f"{_escape(str(config.parent))}/supervisor.pid",
        },
        "unix_http_server": {"file": socket, "chmod": "0700", **access},
        "supervisorctl": {"serverurl": f"unix://{socket}", **access},
        "rpcinterface:supervisor": {
            "supervisor.rpcinterface_factory": "supervisor.rpcinterface:make_main_rpcinterface"
        },
        **{f"program:{program.name}": _program(program) for program in programs},
        **_groups(programs),
    }
    config.touch(mode=0o600)
    config.write_text("".join(_section(name, values) for name, values in sections.items()))


def _program(program: Program) -> dict[str, str]:
    return {
        "command": _escape(shlex.join(program.command)),
        "autostart": "false" if program.after else "true",
        "autorestart": "unexpected" if program.step else "true",
        # A step that fails (1) is not tried again; one that is killed is.
        "exitcodes": "0,1" if program.step else "0",
        "startsecs": "0" if program.step else "1",
        "startretries": "1000000",
        "stopsignal": program.stop_signal,
        "stopwaitsecs": str(program.patience),
        "killasgroup": "true",
        "redirect_stderr": "true",
        "stdout_logfile": "NONE",
        "stdout_events_enabled": "true",
        **({"user": program.user} if program.user else {}),
    }


def _groups(programs: list[Program]) -> dict[str, dict[str, str]]:
    """One group for each stage: groups stop one after another, the programs in one together."""
    found = {}
    for priority, stage in enumerate(STAGES):
        names = [program.name for program in programs if program.stage == stage]
        if names:
            found[f"group:{stage}"] = {"programs": ",".join(names), "priority": str(priority)}
    return found


def _section(name: str, values: dict[str, str]) -> str:
    return f"[{name}]\n" + "".join(f"{key} = {value}\n" for key, value in values.items()) + "\n"


def _escape(text: str) -> str:
    """Protect what supervisor would take for an expansion or, after a space, for a comment.

    Only words that shlex quoted hold spaces, so that an empty string in quotes changes nothing.
    """
    return text.replace("%", "%%").replace(" ;", " '';").replace(" #", " ''#")
