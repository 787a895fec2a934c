# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the index of a VM's options from their declarations: `python -m tools.index`."""

from __future__ import annotations

import importlib
import json
import sys
from typing import Any

from tools.link import ROOT, link_collection

FILE = ROOT / "plugins" / "module_utils" / "_vm" / "index.py"
WIDTH = 118
TEXT = '''# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a module has to know of the declarations of VMs before it needs one of them.

Written by `python -m tools.index` from options.py, never by hand. JSON is read many times faster than Python.
"""

from __future__ import annotations

import json
from typing import Any

INDEX: dict[str, Any] = json.loads(r"""
{index}
""")
'''


def folded(value: Any, indent: int = 0, before: int = 0) -> str:
    """Return a value as JSON: on one line where it fits after `before` characters, else with a line for each part."""
    flat = json.dumps(value)
    if indent + before + len(flat) <= WIDTH or not isinstance(value, (dict, list)):
        return flat
    inner = " " * (indent + 1)
    if isinstance(value, dict):
        parts = [
            f"{json.dumps(key)}: {folded(item, indent + 1, len(json.dumps(key)) + 3)}" for key, item in value.items()
        ]
        return "{\n" + ",\n".join(inner + part for part in parts) + "\n" + " " * indent + "}"
    return "[\n" + ",\n".join(inner + folded(item, indent + 1, 1) for item in value) + "\n" + " " * indent + "]"


def text() -> str:
    """Return the index as it has to be."""
    sys.path.insert(0, str(link_collection()))
    options = importlib.import_module("ansible_collections.kvmops.datacenter.plugins.module_utils._vm.options")
    return TEXT.replace("{index}", folded(options.index()))


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
