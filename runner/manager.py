"""The process manager: supervisor, with the table of programs.

Supervisor starts, watches and restarts the processes, and stops them stage by stage. This module
adds a prefix to every line of output, steps that must finish before others may start, and a signal
to each child in case the manager ends suddenly. Why supervisor: docs/decisions/0001.
"""

import contextlib
import os
import secrets
import shlex
import signal
import sys
from pathlib import Path

from setproctitle import setproctitle
from supervisor import events, loggers
from supervisor.medusa.asyncore_25 import ExitNow
from supervisor.options import ServerOptions
from supervisor.poller import Poller
from supervisor.states import SupervisorStates
from supervisor.supervisord import Supervisor

from runner import forked
from runner.embedded import die_with_parent
from runner.output import Output
from runner.programs import STAGES, Program

NAME = "manager"
STOPS = {"INT": signal.SIGINT, "TERM": signal.SIGTERM}


def run(programs: list[Program], config: Path, *, kept: frozenset[int] = frozenset()) -> int:
    """Run the programs until a signal stops them. Returns the exit status: 1 if a step failed.

    `kept` are the open files that copies of this process go on using.
    """
    _write_config(programs, config)
    colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    width = max(len(program.name) for program in programs)
    output = Output(sys.stdout.buffer, width=width, colour=colour)
    manager = Manager(programs, output, kept)
    manager.realize(["--configuration", str(config)])
    manager.first, manager.test = True, False
    with contextlib.suppress(ExitNow):
        manager.supervisor.main()
    manager.close_httpservers()
    manager.close_logger()
    return 1 if manager.failed else 0


class Manager(ServerOptions):  # type: ignore[misc]
    """Supervisor's options, the part of it that deals with the operating system."""

    def __init__(self, programs: list[Program], output: Output, kept: frozenset[int]) -> None:
        super().__init__()
        self.programs = {program.name: program for program in programs}
        self.output = output
        self.kept = kept
        self.failed = False
        self._preloaded = not any(program.forked for program in programs)
        self.pid = os.getpid()
        self.supervisor = Supervisor(self)
        self.poller = _Poller(self)

    def make_logger(self) -> None:
        """Send the manager's own log to the common output."""
        super().make_logger()
        handler = loggers.StreamHandler(_Stream(self.output))
        handler.setFormat("%(asctime)s %(levelname)s %(message)s\n")
        handler.setLevel(self.loglevel)
        self.logger.addHandler(handler)

    def setsignals(self) -> None:
        """Subscribe to events: supervisor's hook between its setup and the start of processes."""
        super().setsignals()
        events.subscribe(events.ProcessLogEvent, self._on_output)
        events.subscribe(events.ProcessStateRunningEvent, self._on_start)
        events.subscribe(events.ProcessStateExitedEvent, self._on_exit)
        events.subscribe(events.ProcessStateStoppedEvent, self._on_stop)
        events.subscribe(events.ProcessStateBackoffEvent, self._on_stop)

    def get_signal(self) -> int | None:
        """Return the next signal, SIGTERM for SIGHUP: a closed terminal stops, not reloads."""
        number: int | None = super().get_signal()
        return signal.SIGTERM if number == signal.SIGHUP else number

    def execve(self, filename: str, argv: list[str], env: dict[str, str]) -> None:
        """Become the program. Called in the child process, after the fork."""
        program = self.programs[env["SUPERVISOR_PROCESS_NAME"]]
        die_with_parent(STOPS[program.stop_signal], parent=self.pid)
        if program.forked:
            setproctitle(f"chirp: {program.name}")
            forked.become(argv, env)
        super().execve(filename, argv, env)

    def close_fd(self, fd: int) -> None:
        """Close a file of the manager. Called for all numbers in the child, after the fork."""
        if fd not in self.kept:
            super().close_fd(fd)

    def in_motion(self) -> bool:
        """Whether some processes have not started yet, or all are being stopped."""
        groups = self.supervisor.process_groups or {}
        started = all(p.laststart for group in groups.values() for p in group.processes.values())
        return not started or self.mood < SupervisorStates.RUNNING

    def _on_output(self, event: events.ProcessLogEvent) -> None:
        self.output.add(event.process.config.name, event.data)

    def _on_start(self, event: events.ProcessStateEvent) -> None:
        """Load what later programs need while the first step runs, which takes about as long."""
        if self.programs[event.process.config.name].step and not self._preloaded:
            self._preloaded = True
            self.kept |= forked.preload()

    def _on_stop(self, event: events.ProcessStateEvent) -> None:
        self.output.end(event.process.config.name)

    def _on_exit(self, event: events.ProcessStateEvent) -> None:
        self._on_stop(event)
        if not (self.programs[event.process.config.name].step and event.expected):
            return
        if event.process.exitstatus:
            self.failed = True
            self.mood = SupervisorStates.SHUTDOWN
        elif self.mood == SupervisorStates.RUNNING:
            self._start_programs_after(event.process.config.name)

    def _start_programs_after(self, step: str) -> None:
        """Start the programs that wait for this step, unless they were started before."""
        for group in self.supervisor.process_groups.values():
            for process in group.processes.values():
                if self.programs[process.config.name].after == step and not process.laststart:
                    process.spawn()


class _Poller(Poller):  # type: ignore[misc]
    """Polls more often while starting and stopping: supervisor handles one stage per poll."""

    def poll(self, timeout: float | None) -> tuple[list[int], list[int]]:
        return super().poll(0.05 if self.options.in_motion() else timeout)  # type: ignore[no-any-return]


class _Stream:
    """A stream for supervisor's logger that writes to the common output."""

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
        # A step that fails (1) is not started again; one that is killed is.
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
    """One group per stage: groups stop one after another, the programs in a group together."""
    found = {}
    for priority, stage in enumerate(STAGES):
        names = [program.name for program in programs if program.stage == stage]
        if names:
            found[f"group:{stage}"] = {"programs": ",".join(names), "priority": str(priority)}
    return found


def _section(name: str, values: dict[str, str]) -> str:
    return f"[{name}]\n" + "".join(f"{key} = {value}\n" for key, value in values.items()) + "\n"


def _escape(text: str) -> str:
    """Escape what supervisor would take for an expansion or, after a space, for a comment.

    Spaces occur only in words that shlex has quoted, where an empty string in quotes changes
    nothing.
    """
    return text.replace("%", "%%").replace(" ;", " '';").replace(" #", " ''#")
