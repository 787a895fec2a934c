# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Let the tests import this checkout as ansible_collections.kvmops.datacenter, whatever its folder is called."""

from __future__ import annotations

import os
import sys

from ansible.utils.collection_loader._collection_finder import _AnsibleCollectionFinder

from tools.link import link_collection


def forget_collections() -> None:
    """Drop modules that an earlier finder has loaded from elsewhere."""
    for name in [m for m in sys.modules if m.partition(".")[0] == "ansible_collections"]:
        del sys.modules[name]


def pytest_configure() -> None:
    """Put the checkout first on the collections path of this process and of those it starts."""
    path = str(link_collection())
    others = [p for p in os.environ.get("ANSIBLE_COLLECTIONS_PATH", "").split(os.pathsep) if p and p != path]
    paths = [path, *others]
    os.environ["ANSIBLE_COLLECTIONS_PATH"] = os.pathsep.join(paths)
    forget_collections()
    _AnsibleCollectionFinder(paths=paths)._install()
    sys.path.insert(0, path)
