# Turns a parsed meta-data document into calls of the functions in seed.sh.

function emit(    key) {
    print "INSTANCE_ID=" quoted(V["instance-id"])
    print "LOCAL_HOSTNAME=" quoted(V["local-hostname"] != "" ? V["local-hostname"] : V["hostname"])
    print "meta_keys() { :"
    for (key in V) if (key ~ /^public-keys/ && V[key] ~ /^(ssh|ecdsa|sk)-/) print "add_key root " quoted(V[key])
    print "}"
}
