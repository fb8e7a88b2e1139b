#!/usr/bin/env bash
# A Ceph of one node with an S3 gateway: everything in memory, nothing outside the folder, only on 127.0.0.1.
#
#   ceph-node.sh FOLDER MONITOR-PORT MONITOR-PORT-V1 GATEWAY-PORT ACCESS-KEY SECRET-KEY
#
# Prints "ready" and runs until its standard input is closed; then the daemons end and the folder goes. Needs root.
set -euo pipefail
folder=$1 port=$2 port_v1=$3 gateway=$4
umask 077
if [ -n "$(ls -A "$folder" 2>/dev/null)" ]; then
  echo "$folder is not empty" >&2 # and would be removed at the end
  exit 1
fi
mkdir -p "$folder"/{mon,osd,run,log}
end() {
  trap - ERR
  exec >/dev/null 2>&1 # nobody may be there any more to read what bash says about killed jobs
  jobs -p | xargs -r kill -KILL || true
  wait
  rm -rf "$folder"
}
trap end EXIT
trap : INT TERM HUP

fsid=$(uuidgen)
cat >"$folder/ceph.conf" <<EOF
[global]
fsid = $fsid
keyring = $folder/keyring
mon_initial_members = a
mon_host = [v2:127.0.0.1:$port,v1:127.0.0.1:$port_v1]
public_network = 127.0.0.0/8
# Without authentication the gateway hangs at its start.
auth_cluster_required = cephx
auth_service_required = cephx
auth_client_required = cephx
auth_allow_insecure_global_id_reclaim = false
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 8
osd_pool_default_pgp_num = 8
osd_crush_chooseleaf_type = 0
mon_warn_on_pool_no_redundancy = false
mon_allow_pool_size_one = true
mon_data_avail_crit = 1
# One monitor has nobody to wait for.
paxos_propose_interval = 0.02
paxos_min_wait = 0.01
run_dir = $folder/run
admin_socket = $folder/run/\$name.asok
log_file = $folder/log/\$name.log
setuser_match_path =
[mon.a]
host = localhost
mon_data = $folder/mon
[osd]
osd_data = $folder/osd
osd_objectstore = memstore
memstore_device_bytes = 4294967296
osd_memory_target = 939524096
[client.admin]
rgw_dns_name = localhost
EOF

ceph_() { ceph -c "$folder/ceph.conf" "$@" </dev/null >>"$folder/log/setup.log" 2>&1; }
daemon() { # should this shell be killed, the kernel ends the daemon
  setpriv --pdeathsig KILL "$@" -f -c "$folder/ceph.conf" </dev/null >>"$folder/log/setup.log" 2>&1 &
}
fail() {
  tail -n 20 "$folder/log/setup.log" >&2
  exit 1
}
trap fail ERR
set -E

{
  ceph-authtool --create-keyring "$folder/keyring" --gen-key -n mon. --cap mon 'allow *'
  ceph-authtool "$folder/keyring" --gen-key -n client.admin --cap mon 'allow *' --cap osd 'allow *' --cap mgr 'allow *'
  monmaptool --create --addv a "[v2:127.0.0.1:$port,v1:127.0.0.1:$port_v1]" --fsid "$fsid" "$folder/monmap"
  ceph-mon -c "$folder/ceph.conf" --mkfs -i a --monmap "$folder/monmap" --keyring "$folder/keyring"
} >>"$folder/log/setup.log" 2>&1
daemon ceph-mon -i a
osd=$(uuidgen)
ceph_ osd new "$osd"
ceph_ auth get-or-create osd.0 mon 'allow profile osd' osd 'allow *' mgr 'allow profile osd' -o "$folder/osd.keyring"
cat "$folder/osd.keyring" >>"$folder/keyring"
ceph-osd -c "$folder/ceph.conf" -i 0 --mkfs --osd-uuid "$osd" >>"$folder/log/setup.log" 2>&1
daemon ceph-osd -i 0
ceph_ osd crush add osd.0 1.0 root=default host=localhost
daemon radosgw -n client.admin --rgw_frontends="beast endpoint=127.0.0.1:$gateway tcp_nodelay=1"
radosgw-admin -c "$folder/ceph.conf" user create --uid=test --display-name=test --access-key="$5" --secret-key="$6" \
  >>"$folder/log/setup.log" 2>&1
until (exec 3<>"/dev/tcp/127.0.0.1/$gateway") 2>/dev/null; do
  kill -0 "$!" || fail
  sleep 0.1
done
echo ready
cat >/dev/null
