# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line of the lab."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence

from kvmlab import guests, hosts, image, keys, vmtier
from kvmlab import lab as labs
from kvmlab.errors import LabError
from kvmlab.network import KINDS
from kvmlab.run import Progress
from kvmlab.settings import Lab

NOT_UP = 3
INTERRUPTED = 130
EPILOG = """exit codes: 0 all is well; 1 an error, told in one sentence; 2 wrong usage; 3 (status) not everything is up;
exec and ssh give the command's own.  Settings: KVMOPS_LAB_NAME (a second lab beside the first), KVMOPS_LAB_CACHE."""
Verb = Callable[[Lab, argparse.Namespace], int]


def _up(lab: Lab, options: argparse.Namespace) -> int:
    say = Progress()
    with labs.changing(lab, say):
        labs.up(lab, options.hosts, say)
        if options.vm:
            vmtier.up(options.vm, say)
    return 0


def _down(lab: Lab, options: argparse.Namespace) -> int:
    say = Progress()
    with labs.changing(lab, say):
        vmtier.down(say)
        labs.down(lab, options.keep, say)
    return 0


def _reset(lab: Lab, options: argparse.Namespace) -> int:
    say = Progress()
    with labs.changing(lab, say):
        labs.reset(lab, say)
    return 0


def _clean(lab: Lab, options: argparse.Namespace) -> int:
    say = Progress()
    with labs.changing(lab, say):
        labs.clean(lab, say)
    return 0


def _status(lab: Lab, options: argparse.Namespace) -> int:
    found = labs.states(lab)
    if options.json:
        print(labs.as_json(lab, found, vmtier.status()))
    elif not found:
        print("The lab is down.")
    else:
        print(f"{'HOST':<6}{'POWER':<7}{'ADDRESS':<13}{'LIBVIRT':<9}{'SHARED':<8}{'BMC':<5}PARTITION")
    for status in [] if options.json else found:
        marks = ["yes" if flag else "no" for flag in (status.libvirt, status.shared, status.bmc)]
        print(f"{status.name:<6}{status.power:<7}{status.address:<13}{marks[0]:<9}{marks[1]:<8}{marks[2]:<5}"
              f"{', '.join(status.partition) or '-'}")  # fmt: skip
    for name, state in ({} if options.json else vmtier.status()).items():
        print(f"{name:<6}{'on' if state == 'running' else 'off':<7}{keys.addresses(lab)[name]}")
    return 0 if found and all(status.ready for status in found) else NOT_UP


def _exec(lab: Lab, options: argparse.Namespace) -> int:
    argv = hosts.inside(labs.member(lab, options.host), options.command)
    os.execvp(argv[0], argv)


def _ssh(lab: Lab, options: argparse.Namespace) -> int:
    if options.host not in keys.addresses(lab):
        labs.member(lab, options.host)
    os.execv(lab.ssh, [str(lab.ssh), options.host, *options.command])


def _kill(lab: Lab, options: argparse.Namespace) -> int:
    hosts.cut_power(labs.member(lab, options.host))
    return 0


def _stop(lab: Lab, options: argparse.Namespace) -> int:
    hosts.switch_off(labs.member(lab, options.host))
    return 0


def _start(lab: Lab, options: argparse.Namespace) -> int:
    host = labs.member(lab, options.host)
    hosts.switch_on(host)
    failed = hosts.wait_until_booted(host)
    if failed:
        print(f"{host.name} is up, but these failed in it: {failed}", file=sys.stderr)
    return 0


def _partition(lab: Lab, options: argparse.Namespace) -> int:
    labs.partition(labs.member(lab, options.host), [options.link] if options.link else list(KINDS))
    return 0


def _heal(lab: Lab, options: argparse.Namespace) -> int:
    labs.heal(labs.member(lab, options.host))
    return 0


def _build(lab: Lab, options: argparse.Namespace) -> int:
    say = Progress()
    lab.cache.mkdir(parents=True, exist_ok=True)
    if options.image == "root":
        with labs.changing(lab, say):
            image.ensure(lab, say)
    else:
        guests.ensure(lab.cache, [options.image], say)
    return 0


def parser() -> argparse.ArgumentParser:
    """The verbs and their options."""
    top = argparse.ArgumentParser(prog="lab", description="A datacenter of KVM hosts on this machine.", epilog=EPILOG,
                                  formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    verbs = top.add_subparsers(dest="verb", required=True, metavar="VERB")

    def verb(name: str, run: Verb, text: str, host: bool = False) -> argparse.ArgumentParser:
        added = verbs.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.")
        added.set_defaults(run=run)
        if host:
            added.add_argument("host", metavar="HOST")
        return added

    command = verb("up", _up, "bring the lab up; does nothing when it is up")
    command.add_argument("-n", "--hosts", type=int, metavar="N",
                         help="how many hosts (default: as many as there are, or 3)")  # fmt: skip
    command.add_argument("--vm", type=int, nargs="?", const=1, metavar="N",
                         help="also N hosts (1) that are full virtual machines")  # fmt: skip
    command = verb("down", _down, "take everything down, and throw the hosts' disks away")
    command.add_argument("--keep", action="store_true", help="keep the hosts' disks for the next 'up'")
    command = verb("status", _status, "tell how the hosts are")
    command.add_argument("--json", action="store_true")
    verb("reset", _reset, "give all hosts fresh disks and boot them again")
    command = verb("exec", _exec, "run a command in a host, not over its network", host=True)
    command.add_argument("command", nargs=argparse.REMAINDER, metavar="COMMAND")
    command = verb("ssh", _ssh, "log in to a host, or run a command there, over ssh", host=True)
    command.add_argument("command", nargs=argparse.REMAINDER, metavar="COMMAND")
    verb("start", _start, "switch a host on and wait until it has booted", host=True)
    verb("stop", _stop, "shut a host down in good order", host=True)
    verb("kill", _kill, "cut a host's power: nobody gets a goodbye from it", host=True)
    command = verb("partition", _partition, "cut a host off the networks; it goes on running", host=True)
    command.add_argument("--link", choices=list(KINDS), help="only this one (default: all)")
    verb("heal", _heal, "end a host's partition", host=True)
    verb("clean", _clean, "remove the images and the lab's keys, when it is down")
    command = verb("build", _build, "build an image, if it is not there: root, or a guest")
    command.add_argument("image", metavar="NAME", choices=["root", *guests.GUESTS])
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the verb of the command line; every error is one sentence."""
    options = parser().parse_args(arguments)
    try:
        if os.geteuid() != 0:
            raise LabError("The lab is made of namespaces and mounts, which only root can reach: run it with sudo.")
        return options.run(Lab.from_environment(os.environ), options)
    except LabError as error:
        print(f"lab: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"lab: {error.strerror or error}: {error.filename or 'no file is named'}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("lab: interrupted; 'lab up' goes on from here, 'lab down' clears up", file=sys.stderr)
        return INTERRUPTED
