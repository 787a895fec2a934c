# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`make demo`: a datacenter of three hosts on this machine, its guests, and the proof that they are reached.

It runs only what a user would run; nothing is shown that does not come from the collection itself.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import yaml

from tools.link import ROOT

BIN = Path(os.path.relpath(Path(sys.executable).parent, ROOT))
INVENTORY = "inventories/lab"
LAB = "tests/lab/lab"
# Seconds after which a step that goes on says so.
PATIENCE = 15
ANSWER = re.compile(r"^(?P<guest>\S+) \| \w+ \| rc=0 >>\n(?P<hostname>\S+)$", re.MULTILINE)

NEXT = """
What to try next:
  .venv/bin/ansible -i inventories/lab tag_web -m raw -a 'cat /etc/os-release'    # the guests of a tag
  .venv/bin/ansible-inventory -i inventories/lab --graph                          # all that can be addressed
  tests/lab/lab ssh h1 virsh list                                                 # look into a host
  edit inventories/lab/group_vars/kvm_hosts.yml, then see what would be done, and do it:
  .venv/bin/ansible-playbook -i inventories/lab kvmops.datacenter.site --check --diff
  .venv/bin/ansible-playbook -i inventories/lab kvmops.datacenter.site
  make lab-down                                                                   # take it all down again
"""


@contextmanager
def telling(elapsed: Callable[[], float]) -> Iterator[None]:
    """Say again and again that a step goes on, while the block runs."""
    done = threading.Event()

    def tell() -> None:
        while not done.wait(PATIENCE):
            print(f"    … {elapsed():.0f} s", flush=True)

    teller = threading.Thread(target=tell, daemon=True)
    teller.start()
    try:
        yield
    finally:
        done.set()
        teller.join()


class Demo:
    """The steps of the demo, and how long each took."""

    def __init__(self) -> None:
        self.timings: list[tuple[str, float]] = []
        self.env = {**os.environ, "PATH": f"{ROOT / BIN}{os.pathsep}{os.environ['PATH']}", "PYTHONUNBUFFERED": "1"}

    def step(self, title: str, command: Sequence[str], capture: bool = False) -> str:
        """Run a command with its output shown, and return the output where it is captured; end where it fails."""
        print(f"\n==> {title}: {shlex.join(command)}", flush=True)
        start = time.monotonic()
        with telling(lambda: time.monotonic() - start):
            done = subprocess.run(
                command,
                cwd=ROOT,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE if capture else None,
                text=True,
                check=False,
            )
        self.timings.append((title, time.monotonic() - start))
        print(done.stdout or "", end="", flush=True)
        if done.returncode and not capture:
            raise SystemExit(
                f"The demo stopped: '{title}' failed with code {done.returncode}, see above; "
                "make lab-down and make demo begin afresh."
            )
        return done.stdout or ""

    def show_timings(self) -> None:
        """Print how long each step took, and all together."""
        print("\n==> Timings")
        for title, seconds in [*self.timings, ("all together", sum(seconds for _title, seconds in self.timings))]:
            print(f"    {title:<28} {seconds:6.1f} s")


def wanted_guests(root: Path = ROOT) -> set[str]:
    """Return the names of the guests that the lab's inventory describes."""
    described = yaml.safe_load((root / INVENTORY / "group_vars" / "kvm_hosts.yml").read_text(encoding="utf-8"))
    return {vm["name"] for vm in described["kvm_vms"]}


def reached(output: str) -> set[str]:
    """Return the guests that have answered with their own name."""
    return {answer["guest"] for answer in ANSWER.finditer(output) if answer["guest"] == answer["hostname"]}


def check_reached(wanted: set[str], answered: set[str]) -> None:
    """End with a sentence where a guest was not reached."""
    missing = sorted(wanted - answered)
    if missing:
        raise SystemExit(
            f"The demo failed: only {len(wanted) - len(missing)} of {len(wanted)} guests were reached over SSH, not "
            f"{', '.join(missing)}; run make demo again, or make lab-down first."
        )
    print(f"\nAll {len(wanted)} guests were reached over SSH.")


def main() -> None:
    """Bring it up, show it, and prove it."""
    demo, playbook = Demo(), [str(BIN / "ansible-playbook"), "-i", INVENTORY]
    demo.step("The lab's hosts", [LAB, "up"])
    demo.step("The datacenter", [*playbook, "kvmops.datacenter.site"])
    demo.step("What there is", [*playbook, "kvmops.datacenter.report"])
    ask = [str(BIN / "ansible"), "-i", INVENTORY, "kvm_guests", "-m", "ansible.builtin.raw", "-a", "hostname; uptime"]
    output = demo.step("Are the guests reached?", ask, capture=True)
    demo.show_timings()
    check_reached(wanted_guests(), reached(output))
    print(NEXT)


if __name__ == "__main__":
    main()
