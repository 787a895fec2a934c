# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run programs with their output on the screen and in a log; stop them with all they have started."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

GRACE = 60.0
POLL = 0.2
LIMIT = 1200.0
TIMED_OUT = 124
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupted(Exception):
    """The run was asked to end by a signal."""


class NotStarted(Exception):
    """A program cannot be started."""


def on_signal(number: int, _frame: object) -> None:
    """Turn a signal into an exception, so that `finally` is reached."""
    raise Interrupted(signal.Signals(number).name)


@contextlib.contextmanager
def signals_as_exceptions() -> Iterator[None]:
    """Raise Interrupted in here on Ctrl-C, TERM and HUP."""
    before = {number: signal.signal(number, on_signal) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def signals_later() -> Iterator[None]:
    """Raise Interrupted not in here but behind: a program that is just being started must not be lost track of."""
    held: list[int] = []
    numbers = [number for number in SIGNALS if signal.getsignal(number) is on_signal]
    for number in numbers:
        signal.signal(number, lambda number, _frame: held.append(number))
    try:
        yield
    finally:
        for number in numbers:
            signal.signal(number, on_signal)
        if held:
            signal.raise_signal(held[0])


@contextlib.contextmanager
def signals_ignored() -> Iterator[None]:
    """Let nothing interrupt what must be cleaned up."""
    before = {number: signal.signal(number, signal.SIG_IGN) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def speak_or_be_silent() -> None:
    """Let output go nowhere where nobody is left to read it: a closed terminal must not keep us from cleaning up."""
    try:
        print(flush=True)
    except OSError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for stream in (sys.stdout, sys.stderr):
            os.dup2(nowhere, stream.fileno())


def stop(process: subprocess.Popen[bytes], grace: float = GRACE) -> None:
    """End a program that still runs, and its process group: ask first, and after `grace` seconds kill what is left."""
    if process.poll() is not None:
        return
    for number, patience in ((signal.SIGINT, grace), (signal.SIGKILL, 10.0)):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(patience)


def give_way(pid: int, niceness: int) -> None:
    """Let other programs have the processors before this one, also where Linux weighs whole sessions (autogroup)."""
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, pid, max(niceness, os.getpriority(os.PRIO_PROCESS, pid)))
        Path(f"/proc/{pid}/autogroup").write_text(str(niceness), encoding="ascii")


def show(process: subprocess.Popen[bytes], log: BinaryIO, limit: float) -> int:
    """Copy a log to the screen as it grows until the program ends; return its exit status.

    A log rather than a pipe: daemons that the program leaves behind may keep its output open. After `limit` seconds
    the program is stopped and the status is 124.
    """
    end = time.monotonic() + limit
    while True:
        code = process.poll()
        if code is None and time.monotonic() > end:
            stop(process)
            code = TIMED_OUT
        sys.stdout.buffer.write(log.read())
        sys.stdout.flush()
        if code is not None:
            return code
        time.sleep(POLL)


class Runner:
    """Runs programs for a stage: from the checkout's root, with the tools of .venv first on PATH."""

    def __init__(self, root: Path, collections: Path, niceness: int = 0) -> None:
        """Prepare logs and environment; collections is the folder in which Ansible finds this checkout."""
        self.root = root
        self.niceness = niceness
        self.logs = root / ".cache" / "logs"
        self.logs.mkdir(parents=True, exist_ok=True)
        self.bin = root / ".venv" / "bin"
        self.env = {
            **os.environ,
            "PATH": f"{self.bin}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
            "ANSIBLE_CONFIG": str(root / "ansible.cfg"),
            "ANSIBLE_COLLECTIONS_PATH": str(collections),
            "PYTHONUNBUFFERED": "1",
        }

    def log(self, name: str) -> Path:
        """Return the log file of this name."""
        return self.logs / f"{name}.log"

    def fresh(self, name: str) -> Path:
        """Return where a program shall write a result; what an earlier run left there is removed."""
        file = self.logs / name
        file.unlink(missing_ok=True)
        return file

    def run(self, name: str, command: Sequence[str | Path], **where: Any) -> int:
        """Run a command, its output shown and kept in the log `name`; return its exit status, 127 if it cannot start.

        `where` may name another `cwd` or `env`, and a `limit` in seconds.
        """
        limit = where.pop("limit", LIMIT)
        try:
            with self.started(name, command, **where) as process, self.log(name).open("rb") as source:
                return show(process, source, limit)
        except NotStarted as error:
            print(error, flush=True)
            return 127

    @contextlib.contextmanager
    def started(
        self, name: str, command: Sequence[str | Path], cwd: Path | None = None, env: Mapping[str, str] | None = None
    ) -> Iterator[subprocess.Popen[bytes]]:
        """Start a command with its output in the log `name`; what still runs of it in the end is stopped.

        Ansible's ssh connections are the command's own: one that is left open to a host of an earlier lab would hang
        it. Raises NotStarted.
        """
        with (
            tempfile.TemporaryDirectory(prefix="kvmops-ssh-", ignore_cleanup_errors=True) as sockets,
            self.log(name).open("wb") as sink,
            contextlib.ExitStack() as stack,
        ):
            ours = {**(env or self.env), "ANSIBLE_SSH_CONTROL_PATH_DIR": sockets}
            with signals_later():
                process = self._start([str(word) for word in command], sink, cwd or self.root, ours)
                stack.callback(stop, process)
            yield process

    def _start(self, words: list[str], sink: BinaryIO, cwd: Path, env: Mapping[str, str]) -> subprocess.Popen[bytes]:
        """Start a program in a session of its own, so that it can be ended with all it has started."""
        try:
            process = subprocess.Popen(
                words,
                cwd=cwd,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            raise NotStarted(f"{words[0]} cannot be run: {error}") from None
        if self.niceness:
            give_way(process.pid, self.niceness)
        return process
