#!/bin/sh
# Applies a NoCloud seed (a file system labelled cidata) once for each instance-id.
# Run by rc before the network is up; what has to wait for the network goes to $LATER, which rc runs.
export LC_ALL=C
STATE=/var/lib/tiny
LATER=$STATE/later.sh
LIB=/usr/lib/tiny

log() { echo "tiny-seed: $*"; }
ignored() { log "user-data: '$1' is not understood by the tiny guest and was ignored"; }

set_hostname() {
    echo "${1%%.*}" > /etc/hostname
}

add_user() {
    grep -q "^$1:" /etc/passwd && return
    home=${2:-/home/$1}
    uid=$((1000 + $(grep -c /home/ /etc/passwd)))
    echo "$1:x:$uid:$uid::$home:/bin/sh" >> /etc/passwd
    echo "$1:x:$uid:" >> /etc/group
    echo "$1:*:19000:0:99999:7:::" >> /etc/shadow
    mkdir -p "$home"
    chown "$uid:$uid" "$home"
}

add_key() {
    entry=$(grep "^$1:" /etc/passwd) || { log "user-data: no user '$1' for its key"; return; }
    home=$(echo "$entry" | cut -d: -f6)
    mkdir -p "$home/.ssh"
    echo "$2" >> "$home/.ssh/authorized_keys"
    chmod 700 "$home/.ssh"
    chmod 600 "$home/.ssh/authorized_keys"
    chown -R "$(echo "$entry" | cut -d: -f3,4)" "$home/.ssh"
}

# write_file PATH PERMISSIONS OWNER ENCODING append|replace CONTENT
write_file() {
    mkdir -p "$(dirname "$1")"
    [ "$5" = append ] || : > "$1"
    case $4 in
        '' | text/plain) printf %s "$6" >> "$1" ;;
        b64 | base64) printf %s "$6" | base64 -d >> "$1" ;;
        gz+b64 | gzip+base64 | gz+base64 | gzip+b64) printf %s "$6" | base64 -d | gunzip >> "$1" ;;
        *) log "write_files: encoding '$4' of $1 is not understood" ;;
    esac
    chmod "${2:-644}" "$1"
    [ -z "$3" ] || chown "$3" "$1"
}

run_later() { printf '%s\n' "$1" >> $LATER; }

# Translate FILE with PROGRAM into shell and run that here; a document that cannot be read changes nothing.
translate() {
    if awk -f $LIB/yaml.awk -f "$LIB/$1" "$2" > /run/seed.script 2> /run/seed.error; then
        . /run/seed.script
    else
        log "${2##*/}: $(cat /run/seed.error)"
        return 1
    fi
}

new_instance() {
    rm -rf $LATER /etc/network.seed /etc/machine-id /etc/dropbear/dropbear_*_host_key /root/.ssh/authorized_keys
    [ -z "$LOCAL_HOSTNAME" ] || set_hostname "$LOCAL_HOSTNAME"
    meta_keys
    case $(head -c 13 /seed/user-data 2> /dev/null) in
        '#!'*) cp /seed/user-data $STATE/user-script; chmod 700 $STATE/user-script; run_later $STATE/user-script ;;
        '') ;;
        '#cloud-config') translate cloud-config.awk /seed/user-data ;;
        *) log "user-data starts with neither '#cloud-config' nor '#!' and was ignored" ;;
    esac
    if [ -s /seed/network-config ] &&
        ! awk -f $LIB/yaml.awk -f $LIB/network.awk /seed/network-config > /etc/network.seed 2> /run/seed.error; then
        log "network-config: $(cat /run/seed.error); every interface uses DHCP"
        rm -f /etc/network.seed
    fi
    echo "$INSTANCE_ID" > $STATE/instance-id
    sync
}

device=$(findfs LABEL=cidata 2> /dev/null || findfs LABEL=CIDATA 2> /dev/null) || exit 0
mount -o ro "$device" /seed 2> /dev/null || { log "cannot mount the seed on $device"; exit 1; }
INSTANCE_ID='' LOCAL_HOSTNAME=''
meta_keys() { :; }
[ ! -s /seed/meta-data ] || translate meta-data.awk /seed/meta-data
if [ ! -e $STATE/instance-id ] || [ "$INSTANCE_ID" != "$(cat $STATE/instance-id)" ]; then
    new_instance
fi
umount /seed
