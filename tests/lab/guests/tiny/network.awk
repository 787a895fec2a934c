# Turns a parsed network-config (version 2) into calls of the functions in network.sh.

function emit(    top, key, rest) {
    top = has("network") ? at("network", "") : ""
    if (V[top == "" ? "version" : at("network", "version")] != "2") fail("only version 2 of network-config is understood")
    top = top == "" ? "ethernets" : at("network", "ethernets")
    for (key in KIND) if (index(key, top S) == 1) {
        rest = substr(key, length(top) + 2)
        if (index(rest, S) == 0) emit_nic(at(top, rest), rest)
    }
}

function emit_nic(path, id,    count, route) {
    print "if nic " quoted(V[at(path, "match", "macaddress")]) " " quoted(wanted_name(path, id)) " " quoted(V[at(path, "set-name")]) "; then"
    if (V[at(path, "mtu")] != "") print "  set_mtu " quoted(V[at(path, "mtu")])
    for (count = 0; has(at(path, "addresses", count)); count++) print "  add_address " quoted(V[at(path, "addresses", count)])
    if (V[at(path, "gateway4")] != "") print "  add_route default " quoted(V[at(path, "gateway4")]) " ''"
    if (V[at(path, "gateway6")] != "") print "  add_route default " quoted(V[at(path, "gateway6")]) " ''"
    for (count = 0; has(at(path, "routes", count)); count++) {
        route = at(path, "routes", count)
        print "  add_route " quoted(V[at(route, "to")]) " " quoted(V[at(route, "via")]) " " quoted(V[at(route, "metric")])
    }
    for (count = 0; has(at(path, "nameservers", "addresses", count)); count++) print "  add_resolver nameserver " quoted(V[at(path, "nameservers", "addresses", count)])
    for (count = 0; has(at(path, "nameservers", "search", count)); count++) print "  add_resolver search " quoted(V[at(path, "nameservers", "search", count)])
    if (truth(at(path, "dhcp4"))) print "  dhcp"
    print "fi"
}

# Without a match the id is the interface's name; a match by MAC address alone leaves the name open.
function wanted_name(path, id) {
    if (V[at(path, "match", "name")] != "") return V[at(path, "match", "name")]
    return has(at(path, "match", "macaddress")) ? "*" : id
}
