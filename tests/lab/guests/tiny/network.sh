# shellcheck shell=sh
# Sourced: brings the interfaces up, by the seed's network-config or else by DHCP.
SERIAL=/dev/console

uptime_now() { cut -d' ' -f1 /proc/uptime; }

# nic MAC NAME-PATTERN NEW-NAME: choose the interface that matches as $DEV; false when there is none.
nic() {
    DEV=
    for link in /sys/class/net/*; do
        name=${link##*/}
        [ "$name" != lo ] || continue
        [ -z "$1" ] || [ "$(cat "$link/address")" = "$(echo "$1" | tr A-F a-f)" ] || continue
        # shellcheck disable=SC2254 # a pattern it shall be
        case $name in $2) DEV=$name ;; *) continue ;; esac
        break
    done
    [ -n "$DEV" ] || { echo "tiny-network: no interface matches '$1' '$2'" > $SERIAL; return 1; }
    if [ -n "$3" ] && [ "$3" != "$DEV" ]; then
        ip link set "$DEV" down
        ip link set "$DEV" name "$3"
        DEV=$3
    fi
    ip link set "$DEV" up
}

dhcp() {
    ip link set "$DEV" up
    setsid udhcpc -i "$DEV" -b -S -t 30 -T 1 -A 2 -x "hostname:$(hostname)" -p "/run/udhcpc.$DEV" -s /usr/lib/tiny/dhcp.sh \
        > /dev/null 2>&1 &
}

set_mtu() { ip link set "$DEV" mtu "$1"; }

add_address() {
    ip addr replace "$1" dev "$DEV"
    echo "TINY-IP $DEV ${1%/*} up=$(uptime_now)" > $SERIAL
}

add_route() {
    case $1 in 0.0.0.0/0 | ::/0) set -- default "$2" "$3" ;; esac
    case $2 in *:*) family=-6 ;; *) family=-4 ;; esac
    # shellcheck disable=SC2086 # an empty metric is no word
    ip $family route replace "$1" via "$2" dev "$DEV" ${3:+metric $3}
}

add_resolver() {
    grep -qx "$1 $2" /etc/resolv.conf 2> /dev/null || echo "$1 $2" >> /etc/resolv.conf
}

network_up() {
    : > /etc/resolv.conf
    if [ -s /etc/network.seed ]; then
        . /etc/network.seed
        return
    fi
    for link in /sys/class/net/*; do
        DEV=${link##*/}
        [ "$DEV" = lo ] || dhcp
    done
}
