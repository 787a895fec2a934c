#!/bin/sh
# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Mounts a GlusterFS volume ($1) on a folder ($2). It is tried for some seconds, since hosts that boot at the same
# time have no majority in the beginning, and what runs after this, libvirt before all, wants the storage to be there.
for _try in 1 2 3 4 5 6 7 8 9 10; do
    if mountpoint -q "$2" && stat "$2" >/dev/null 2>&1; then
        exit 0
    fi
    umount --lazy "$2" 2>/dev/null
    mount -t glusterfs "$1" "$2" && stat "$2" >/dev/null && exit 0
    sleep 0.5
done
exit 1
