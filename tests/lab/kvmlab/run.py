# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Running programs, and telling the user how far things are."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from kvmlab.errors import LabError

T = TypeVar("T")
R = TypeVar("R")
Say = Callable[[str], None]
Words = Sequence[object]  # a command; what is no text becomes it, as paths do
ENVIRONMENT = {"LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"}
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def environment() -> dict[str, str]:
    """This process's environment, with a PATH that has the system's programs and messages in English."""
    return {**os.environ, **ENVIRONMENT, "PATH": f"{os.environ.get('PATH', PATH)}:{PATH}"}


def attempt(argv: Words, timeout: float | None = None, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """Run a program to its end and return what came of it; standard error goes with standard output."""
    words = [str(word) for word in argv]
    try:
        return subprocess.run(
            words, input=stdin, env=environment(), text=True, errors="replace", check=False, timeout=timeout,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
    except FileNotFoundError:
        raise LabError(f"The program '{words[0]}' is not installed: install it and try again.") from None
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(words, 124, f"it did not end within {timeout:g} s")


def run(argv: Words, what: str, timeout: float | None = None, stdin: str = "") -> str:
    """Run a program and return what it printed; raises LabError('Cannot <what>: its last words') when it fails."""
    done = attempt(argv, timeout, stdin)
    if done.returncode != 0:
        raise LabError(f"Cannot {what}: {last_words(done.stdout) or f'{argv[0]} ended with {done.returncode}'}.")
    return done.stdout


def last_words(text: str) -> str:
    """The last line of a program's output that says something, without its full stop."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1].rstrip(".") if lines else ""


def installed(program: str) -> bool:
    return shutil.which(program, path=environment()["PATH"]) is not None


def wait_for(condition: Callable[[], bool], seconds: float, poll: float = 0.1) -> bool:
    """Wait until the condition holds; False when it still does not after that time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() >= deadline:
            return False
        time.sleep(poll)
    return True


def each(items: Sequence[T], job: Callable[[T], R]) -> list[R]:
    """Do a job for all items at the same time; the first error is raised when all are through."""
    with ThreadPoolExecutor(max_workers=max(1, len(items))) as pool:
        return list(pool.map(job, items))


def together(*jobs: Callable[[], object]) -> None:
    """Do several jobs at the same time."""
    each(jobs, lambda job: job())


class Progress:
    """Prints lines with the time since the start."""

    def __init__(self, quiet: bool = False) -> None:
        self.start = time.monotonic()
        self.quiet = quiet

    def __call__(self, text: str) -> None:
        if not self.quiet:
            print(f"[{time.monotonic() - self.start:6.1f} s] {text}", flush=True)
