#!/bin/sh
# Runs the seed's runcmd or script once, when the network is there (at most 15 s later).
export PATH=/bin:/sbin:/usr/bin:/usr/sbin HOME=/root
STATE=/var/lib/tiny
[ -e $STATE/later.sh ] || exit 0
tries=0
while [ -e /sys/class/net/eth0 ] && [ -z "$(ip -4 -o addr show scope global)" ] && [ $tries -lt 75 ]; do
    tries=$((tries + 1))
    sleep 0.2
done
mv $STATE/later.sh $STATE/ran.sh
sync # or a guest that is cut off now would run it all again
sh $STATE/ran.sh > /var/log/cloud-init-output.log 2>&1
echo "TINY-SEEDED $(hostname) rc=$? up=$(cut -d' ' -f1 /proc/uptime)" > /dev/console
