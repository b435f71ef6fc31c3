#!/bin/bash
# Records messages of net-snmp's tools, agent and trap receiver on the loopback interface as net-snmp.hex.
# Needs the Debian packages snmp, snmpd and snmptrapd. Usage: capture.sh > net-snmp.hex
set -u
export LC_ALL=C
work=$(mktemp -d)
agent=127.0.0.1:11611
receiver=127.0.0.1:11612
export SNMP_PERSISTENT_DIR=$work SNMPCONFPATH=$work MIBS=
users='
createUser noauth
createUser md5 MD5 "auth password"
createUser sha SHA "auth password"
createUser shades SHA "auth password" DES "priv password"
createUser shaaes SHA "auth password" AES "priv password"
createUser sha256aes SHA-256 "auth password" AES "priv password"
createUser sha512aes SHA-512 "auth password" AES "priv password"'

cat >"$work/values" <<'END'
#!/bin/sh
# Fixed values of every type for `pass`: $1 is -g or -n, $2 the name.
base=.1.3.6.1.4.1.8072.9999.9999.1
value() { printf '%s\n' "$base.$1.0" "$2" "$3"; }
case "$1 $2" in
"-g $base.1.0" | "-n $base") value 1 integer '-129' ;;
"-g $base.2.0" | "-n $base.1.0") value 2 string 'a string' ;;
"-g $base.3.0" | "-n $base.2.0") value 3 objectid '.1.3.6.1.4.1.4294967295.128.16384.0' ;;
"-g $base.4.0" | "-n $base.3.0") value 4 ipaddress '192.0.2.255' ;;
"-g $base.5.0" | "-n $base.4.0") value 5 counter '4294967295' ;;
"-g $base.6.0" | "-n $base.5.0") value 6 gauge '2147483648' ;;
"-g $base.7.0" | "-n $base.6.0") value 7 timeticks '127' ;;
"-g $base.8.0" | "-n $base.7.0") value 8 counter64 '18446744073709551615' ;;
"-g $base.9.0" | "-n $base.8.0") value 9 octet '00 ff 80 7f' ;;
esac
END
chmod 755 "$work/values"

cat >"$work/snmpd.conf" <<END
exactEngineID 0x80001f88046f7269656c
sysDescr test agent
sysContact nobody
sysName agent
sysLocation nowhere
view all included .1.3.6.1.2.1.1
view all excluded .1.3.6.1.2.1.1.9
view all included .1.3.6.1.4.1.8072.9999.9999
view all included .1.3.6.1.4.1.2021.10.1.6.1
view all included .1.3.6.1.6.3.15.1.1
rocommunity public 127.0.0.1 -V all
rwcommunity private 127.0.0.1 -V all
rouser noauth noauth -V all
rouser md5 auth -V all
rwuser sha auth -V all
rouser shades priv -V all
rouser shaaes priv -V all
rouser sha256aes priv -V all
rouser sha512aes priv -V all
load 12 14 14
override -rw .1.3.6.1.4.1.8072.9999.9999.2.1.0 integer 1
pass .1.3.6.1.4.1.8072.9999.9999.1 $work/values
$users
END
cat >"$work/snmptrapd.conf" <<END
exactEngineID 0x80001f880474726170
disableAuthorization yes
$users
END

snmpd -f -Ln -C -c "$work/snmpd.conf" -p "$work/snmpd.pid" "udp:$agent" >"$work/agent.log" 2>&1 &
snmpd_pid=$!
snmptrapd -f -Ln -C -c "$work/snmptrapd.conf" -p "$work/snmptrapd.pid" "udp:$receiver" >"$work/receiver.log" 2>&1 &
snmptrapd_pid=$!
trap 'kill $snmpd_pid $snmptrapd_pid 2>/dev/null; wait; rm -rf "$work"' EXIT
for _ in $(seq 50); do
    snmpget -v2c -c public -t 0.1 -r 0 -On $agent .1.3.6.1.2.1.1.1.0 >"$work/up" 2>&1 && break
done

# record LABEL COMMAND…: runs the command with -d and prints each message as "LABEL-N-sent HEX" or "LABEL-N-received HEX".
record() {
    label=$1
    shift
    "$@" 2>&1 | awk -v label="$label" '
        function flush() { if (hex != "") printf "%s-%d-%s %s\n", label, ++n, way, hex; hex = "" }
        /^Sending [0-9]+ bytes/ { flush(); way = "sent" }
        /^Received [0-9]+ byte/ { flush(); way = "received" }
        /^[0-9a-fA-F][0-9a-fA-F][0-9a-fA-F][0-9a-fA-F]: / {
            line = substr($0, 7, 50); gsub(/[^0-9A-Fa-f]/, "", line); hex = hex tolower(line)
        }
        END { flush() }'
}

values=.1.3.6.1.4.1.8072.9999.9999.1
system=.1.3.6.1.2.1.1
all="$values.1.0 $values.2.0 $values.3.0 $values.4.0 $values.5.0 $values.6.0 $values.7.0 $values.9.0"
writable=.1.3.6.1.4.1.8072.9999.9999.2.1.0
for version in 1 2c; do
    v="-v$version -c public -d -On -r 0 -t 2"
    w="-v$version -c private -d -On -r 0 -t 2"
    record v$version-get snmpget $v $agent $system.1.0 $system.3.0
    record v$version-get-types snmpget $v -Cf $agent $all
    record v$version-get-float snmpget $v $agent .1.3.6.1.4.1.2021.10.1.6.1
    record v$version-getnext snmpgetnext $v $agent $system $values.5.0
    record v$version-getnext-counter64 snmpgetnext $v -Cf $agent $values.7.0
    record v$version-get-missing snmpget $v -Cf $agent $system.1.0 $system.99.0 $system.1.1
    record v$version-getnext-end snmpgetnext $v -Cf $agent .1.3.6.1.6.3.15.1.1.6.0
    record v$version-set snmpset $w $agent $writable i -7
    record v$version-set-types snmpset $w $agent $writable u 4294967295 $writable a 10.0.0.1 $writable o .0.0 \
        $writable x 00ff $writable t 4294967295 $writable i -2147483648
    record v$version-set-wrong-type snmpset $w $agent $writable s text
    record v$version-set-not-writable snmpset $w $agent $system.1.0 s text
done
v="-v2c -c public -d -On -r 0 -t 2"
record v2c-get-counter64 snmpget $v $agent $values.8.0
record v2c-getbulk snmpbulkget $v -Cn1 -Cr10 $agent $system.3 $values
record v2c-bulkwalk snmpbulkwalk $v -Cr5 $agent $system

v3="-v3 -d -On -r 0 -t 2"
record v3-noauth-get snmpget $v3 -l noAuthNoPriv -u noauth $agent $system.1.0
record v3-unknown-user snmpget $v3 -l noAuthNoPriv -u nobody $agent $system.1.0
record v3-wrong-level snmpget $v3 -l authPriv -u md5 -a MD5 -A "auth password" -x AES -X "priv password" $agent $system.1.0
record v3-wrong-digest snmpget $v3 -l authNoPriv -u sha -a SHA -A "wrong password" $agent $system.1.0
record v3-md5-getnext snmpgetnext $v3 -l authNoPriv -u md5 -a MD5 -A "auth password" $agent $system.3
record v3-sha-set snmpset $v3 -l authNoPriv -u sha -a SHA -A "auth password" $agent $writable i 8
record v3-sha-getbulk snmpbulkget $v3 -l authNoPriv -u sha -a SHA -A "auth password" -Cn0 -Cr5 $agent $values
record v3-sha-context snmpget $v3 -l authNoPriv -u sha -a SHA -A "auth password" -n ctx $agent $system.1.0
record v3-shades-get snmpget $v3 -l authPriv -u shades -a SHA -A "auth password" -x DES -X "priv password" $agent $system.1.0
record v3-shaaes-get snmpget $v3 -l authPriv -u shaaes -a SHA -A "auth password" -x AES -X "priv password" $agent $system.1.0
record v3-sha256aes-get snmpget $v3 -l authPriv -u sha256aes -a SHA-256 -A "auth password" -x AES -X "priv password" $agent $system.1.0
record v3-sha512aes-get snmpget $v3 -l authPriv -u sha512aes -a SHA-512 -A "auth password" -x AES -X "priv password" $agent $system.1.0

linkdown=".1.3.6.1.6.3.1.1.5.3 .1.3.6.1.2.1.2.2.1.1.2 i 2 .1.3.6.1.2.1.2.2.1.7.2 i 2"
for generic in 0 1 2 3 4 5; do
    record v1-trap-$generic snmptrap -v1 -c public -d $receiver .1.3.6.1.4.1.8072.3.2.10 192.0.2.1 $generic 0 4711
done
record v1-trap-6 snmptrap -v1 -c public -d $receiver .1.3.6.1.4.1.8072.9999 192.0.2.1 6 17 4294967295 $system.5.0 s name
record v2c-trap snmptrap -v2c -c public -d $receiver 4711 $linkdown
record v2c-trap-types snmptrap -v2c -c public -d $receiver 4711 .1.3.6.1.4.1.8072.9999.0.1 $values.1 c 2147483648 \
    $values.2 C 18446744073709551615 $values.3 F 1.5 $values.4 D -2.25 $values.5 I -5 $values.6 U 5 $values.7 n ''
record v2c-inform snmptrap -Ci -v2c -c public -d -r 0 $receiver 4711 $linkdown
record v3-noauth-trap snmptrap $v3 -e 0x80001f880473656e64 -l noAuthNoPriv -u noauth $receiver 4711 $linkdown
record v3-sha-inform snmptrap -Ci $v3 -l authNoPriv -u sha -a SHA -A "auth password" $receiver 4711 $linkdown
record v3-shaaes-inform snmptrap -Ci $v3 -l authPriv -u shaaes -a SHA -A "auth password" -x AES -X "priv password" $receiver 4711 $linkdown
