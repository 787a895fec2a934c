# Turns a parsed #cloud-config into calls of the functions in seed.sh.

function emit(    key, count) {
    for (key in KIND) if (index(key, S) == 0 && !(key ~ /^(hostname|fqdn|users|ssh_authorized_keys|write_files|runcmd)$/) && key != "")
        print "ignored " quoted(key)
    if (V["hostname"] != "") print "set_hostname " quoted(V["hostname"])
    else if (V["fqdn"] != "") print "set_hostname " quoted(V["fqdn"])
    emit_keys("root", "ssh_authorized_keys")
    for (count = 0; has(at("users", count)); count++) emit_user(at("users", count))
    for (count = 0; has(at("write_files", count)); count++) emit_file(at("write_files", count))
    for (count = 0; has(at("runcmd", count)); count++) emit_command(at("runcmd", count))
}

function emit_user(path,    name) {
    name = KIND[path] == "map" ? V[at(path, "name")] : V[path]
    if (name == "" || name == "default") return
    if (name != "root") print "add_user " quoted(name) " " quoted(V[at(path, "homedir")])
    emit_keys(name, at(path, "ssh_authorized_keys"))
    emit_keys(name, at(path, "ssh-authorized-keys"))
}

function emit_keys(user, path,    count) {
    for (count = 0; has(at(path, count)); count++) print "add_key " quoted(user) " " quoted(V[at(path, count)])
}

function emit_file(path) {
    print "write_file " quoted(V[at(path, "path")]) " " quoted(V[at(path, "permissions")]) " " quoted(V[at(path, "owner")]) \
        " " quoted(V[at(path, "encoding")]) " " (truth(at(path, "append")) ? "append" : "replace") " " quoted(V[at(path, "content")])
}

# A string is a line of shell, a list is an argument vector, as with cloud-init.
function emit_command(path,    count, line) {
    if (KIND[path] != "list") line = V[path]
    else for (count = 0; has(at(path, count)); count++) line = line (count ? " " : "") quoted(V[at(path, count)])
    print "run_later " quoted(line)
}
