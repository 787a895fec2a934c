#!/bin/sh
# udhcpc calls this with what the server said.
export PATH=/bin:/sbin:/usr/bin:/usr/sbin
. /usr/lib/tiny/network.sh
: "${interface:=}" "${ip:=}" "${router:=}" "${dns:=}" "${domain:=}" # unset where the server said nothing
DEV=$interface
case $1 in
    deconfig) ip addr flush dev "$DEV"; ip link set "$DEV" up ;;
    bound | renew)
        ip addr replace "$ip/${mask:-24}" dev "$DEV"
        for gateway in $router; do add_route default "$gateway" ''; done
        for server in $dns; do add_resolver nameserver "$server"; done
        [ -z "$domain" ] || add_resolver search "$domain"
        [ "$1" = renew ] || echo "TINY-IP $DEV $ip up=$(uptime_now)" > "$SERIAL"
        ;;
esac
