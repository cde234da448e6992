#!/usr/bin/env bash
# The cluster as somebody types it who knows how: everything copied in one stream per node, all nodes at once, then kubeadm.
# usage: by_hand.sh DIRECTORY   (laid out by files.py: files/ for every node, ssh_config, configurations, flannel.yaml)
set -euo pipefail
cd "$1"
CONTROL_PLANES="cp-01 cp-02 cp-03"
WORKERS="worker-01 worker-02"
BEGAN=${EPOCHREALTIME/./}
on() { ssh -F ssh_config "$1" sudo "${@:2}"; }
put() { on "$1" tee "$2" >/dev/null; }
said() { printf '%8.1f s  %s\n' "$(((${EPOCHREALTIME/./} - BEGAN) / 100000))e-1" "$*"; }
all() { # a function for each of the nodes, at once
  local node job
  for node in "${@:2}"; do "$1" "$node" & done
  for job in $(jobs -p); do wait "$job"; done
}

prepare() {
  local kind=worker
  case $1 in cp-*) kind=control_plane ;; esac
  tar -C "files/$kind" -ch . | on "$1" tar -C / -x --no-same-owner --keep-directory-symlink
  on "$1" sh -es > "prepare-$1.log" 2>&1 <<'TYPED'
chmod 755 /usr/local/bin/*
tar -C /opt/cni/bin -xf /var/cache/by-hand/cni-plugins
systemctl daemon-reload
systemctl enable --now containerd
systemctl enable kubelet
sysctl -p /etc/sysctl.d/90-landfall.conf
for image in /var/cache/by-hand/images/*; do ctr --namespace k8s.io images import "$image"; done
rm -r /var/cache/by-hand
TYPED
}

join() {
  sed "s/@HASH@/$HASH/" "join-$1.yaml" | put "$1" /root/join.yaml
  on "$1" kubeadm join --config /root/join.yaml > "join-$1.log" 2>&1
}

# shellcheck disable=SC2086  # lists of names
all prepare $CONTROL_PLANES $WORKERS
said "five hosts have what they need"

put cp-01 /root/init.yaml < init.yaml
on cp-01 mkdir -p /etc/kubernetes/manifests
put cp-01 /etc/kubernetes/manifests/kube-vip.yaml < kube-vip.yaml
on cp-01 kubeadm init --upload-certs --config /root/init.yaml > init.log 2>&1
HASH=$(sed -n 's/.*--discovery-token-ca-cert-hash \(sha256:[0-9a-f]*\).*/\1/p' init.log | head -1)
said "kubeadm init"

on cp-01 cat /etc/kubernetes/admin.conf > kubeconfig
export KUBECONFIG=$PWD/kubeconfig
"$KUBECTL" apply -f flannel.yaml >/dev/null
said "flannel is applied"

for node in cp-02 cp-03; do
  join "$node"
  put "$node" /etc/kubernetes/manifests/kube-vip.yaml < kube-vip.yaml
  said "$node has joined"
done
# shellcheck disable=SC2086  # a list of names
all join $WORKERS
said "the workers have joined"

"$KUBECTL" wait --for=condition=Ready nodes --all --timeout=300s >/dev/null
said "five nodes are Ready"
