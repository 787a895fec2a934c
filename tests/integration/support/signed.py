# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A disk, lists of checksums with it, and their signatures by a key that nobody has any more (ed25519, base64)."""

from __future__ import annotations

import base64

# What the lists tell the checksum of, under the name disk.raw.
DISK = (bytes(510) + b"\x55\xaa" + b"signed" * 87040).ljust(1024 * 1024, b"\0")
DIGEST = "b544f1da555176c8ac7d605256fb6116e72696354ade1cbece5125f2b01c6f56"
LIST = f"{DIGEST}  disk.raw\n".encode()

PUBLIC_KEY = base64.b64decode(
    """
mDMEXgvhABYJKwYBBAHaRw8BAQdAZZTVDx4IwAvCA4tXqNN9IrRQAsUzQ8X0bPBhlK+AUKS0JU1ha2VycyBvZiBpbWFnZXMgPGlt
YWdlc0BleGFtcGxlLm9yZz6IkAQTFggAOBYhBJAu8geb+56VInaKeqs5R2qmo59LBQJeC+EAAhsDBQsJCAcCBhUKCQgLAgQWAgMB
Ah4BAheAAAoJEKs5R2qmo59LGnUBANgYV/MDm3jEMmmXEI2usMW77ipBvNP3uJ0GpsCb3KQiAQC71P8HVM4qqGzJElSgN6a8Iogv
0QcMgb9xSUMzW1xwCQ==
"""
)

SIGNATURE_OF_LIST = base64.b64decode(
    """
iHUEABYIAB0WIQSQLvIHm/uelSJ2inqrOUdqpqOfSwUCXgvhAAAKCRCrOUdqpqOfS2/DAP0R3ORSldrjb1lZA0QNLxn+eF1NVJKU
MrpXYXhh3uzs0wEA94pgLc3fPsPakerrVLcocAUGBI4S5jnCvuMTtk81Sws=
"""
)

CLEARSIGNED = b"""\
-----BEGIN PGP SIGNED MESSAGE-----
Hash: SHA256

SHA256 (disk.raw) = b544f1da555176c8ac7d605256fb6116e72696354ade1cbece5125f2b01c6f56
-----BEGIN PGP SIGNATURE-----

iHUEARYIAB0WIQSQLvIHm/uelSJ2inqrOUdqpqOfSwUCXgvhAAAKCRCrOUdqpqOf
S/nTAP9B7tioGTatbxvmyJUL0Igvi8yvzdzIy6YEHarzhuXCHAD8DguNQjf+3tkI
WVNW9eEp1fmW0rntymWX0SM1Yr18gQ8=
=1nnF
-----END PGP SIGNATURE-----
"""
