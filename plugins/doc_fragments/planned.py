# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the option by which a task in check mode learns what earlier tasks would have made.

It is declared where the option is: in module_utils/_planned.py.
"""

from __future__ import annotations

import json

from ansible_collections.kvmops.datacenter.plugins.module_utils._planned import planned_documentation


class ModuleDocFragment:
    """What may be planned: anything a VM stands on, or only pools."""

    # Annotated, since ansible-test takes plain assignments here for literals. JSON is YAML.
    DOCUMENTATION: str = json.dumps({"options": planned_documentation()})
    POOLS: str = json.dumps({"options": planned_documentation("pools")})
