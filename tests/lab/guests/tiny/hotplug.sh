#!/bin/sh
# Called for every kernel event (and by rc for the ports found at boot): takes new devices into use.
export PATH=/bin:/sbin:/usr/bin:/usr/sbin
[ "$ACTION" = add ] || exit 0
case $SUBSYSTEM in
    virtio-ports)
        name=$(cat "/sys/class/virtio-ports/${DEVNAME##*/}/name")
        [ -n "$name" ] || exit 0
        ln -sf "../${DEVNAME##*/}" "/dev/virtio-ports/$name"
        [ "$name" != org.qemu.guest_agent.0 ] ||
            setsid qemu-ga -d -p "/dev/virtio-ports/$name" -f /run/qemu-ga/pid -t /run/qemu-ga
        ;;
    net)
        . /usr/lib/tiny/network.sh
        if [ -s /etc/network.seed ]; then network_up; else DEV=$INTERFACE dhcp; fi
        ;;
    cpu) [ ! -e "/sys$DEVPATH/online" ] || echo 1 > "/sys$DEVPATH/online" ;;
esac
