# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The TPM."""

from __future__ import annotations

from tests.unit.plugins.module_utils._vm.gadgets.parts import Edited, Live, Made, Unfit, at_next_boot

UUID = "6dd3e4a5-1d76-44ce-961f-f119f5aad935"

MADE: list[Made] = [
    ("tpm", {}, "", "<tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm>"),
    (
        "tpm",
        {
            "model": "tpm-tis",
            "backend": "emulator",
            "version": "2.0",
            "persistent_state": True,
            "pcr_banks": ["sha512", "sha1"],
            "encryption_secret": UUID,
        },
        "",
        (
            "<tpm model='tpm-tis'><backend type='emulator' version='2.0' persistent_state='yes'>"
            f"<active_pcr_banks><sha1/><sha512/></active_pcr_banks><encryption secret='{UUID}'/></backend></tpm>"
        ),
    ),
    (
        "tpm",
        {"model": "tpm-tis", "backend": "passthrough", "device": "/dev/tpm1"},
        "",
        "<tpm model='tpm-tis'><backend type='passthrough'><device path='/dev/tpm1'/></backend></tpm>",
    ),
    (
        "tpm",
        {"backend": "external", "socket": "/s"},
        "",
        "<tpm model='tpm-crb'><backend type='external'><source type='unix' mode='connect' path='/s'/></backend></tpm>",
    ),
]

EDITED: list[Edited] = [
    (
        "tpm",
        {"backend": "external", "socket": "/s"},
        (
            "<tpm model='tpm-crb'><backend type='emulator' version='2.0' persistent_state='yes'>"
            f"<encryption secret='{UUID}'/></backend></tpm>"
        ),
        ["set TPM backend emulator -> external", "set TPM socket none -> /s"],
        "<tpm model='tpm-crb'><backend type='external'><source type='unix' mode='connect' path='/s'/></backend></tpm>",
    ),
    (
        "tpm",
        {"backend": "passthrough", "device": "/dev/tpm0"},
        "<tpm model='tpm-tis'><backend type='passthrough'><device path='/dev/tpm1'/></backend></tpm>",
        ["set TPM device /dev/tpm1 -> none"],
        "<tpm model='tpm-tis'><backend type='passthrough'/></tpm>",
    ),
    (
        "tpm",
        {"pcr_banks": [], "persistent_state": False},
        (
            "<tpm model='tpm-tis'><backend type='emulator' persistent_state='yes'><active_pcr_banks><sha1/>"
            "</active_pcr_banks></backend></tpm>"
        ),
        ["set TPM persistent_state True -> False", "set TPM pcr_banks sha1 -> none"],
        "<tpm model='tpm-tis'><backend type='emulator'/></tpm>",
    ),
    (
        "tpm",
        {"enabled": False},
        (
            "<tpm model='tpm-spapr'><backend type='emulator'/></tpm>"
            "<tpm model='spapr-tpm-proxy'><backend type='passthrough'/></tpm>"
        ),
        ["detach TPM"],
        "<tpm model='spapr-tpm-proxy'><backend type='passthrough'/></tpm>",
    ),
]

REFUSED: list[Unfit] = [
    ("tpm", {"backend": "external", "socket": "/a", "version": "2.0"}, "", "version means nothing for tpm of backend"),
    ("tpm", {"encryption_secret": "x"}, "", "encryption_secret 'x' is not understood; write it like"),
]

LIVE: list[Live] = [
    at_next_boot("tpm", {}, "TPM (model tpm-crb, backend emulator, version 2.0)"),
]
