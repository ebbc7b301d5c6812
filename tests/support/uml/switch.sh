#!/bin/sh
# First process of a guest that is a network switch: joins eth0 with eth1, eth2 with eth3 and so on, then runs what it
# is told line by line.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
mount -t proc proc /proc
mount -t sysfs sys /sys
modules=/usr/lib/uml/modules/$(uname -r)/kernel
for module in lib/crc-ccitt net/ipv6/ipv6 net/llc/llc net/802/stp net/bridge/bridge net/sched/sch_netem; do
  busybox insmod "$modules/$module.ko"
done
line=0
while [ $line -lt "$LINES_COUNT" ]; do
  ip link add br$line type bridge
  for port in eth$((2 * line)) eth$((2 * line + 1)); do
    ip link set $port up master br$line || exit
  done
  ip link set br$line up
  line=$((line + 1))
done
echo READY
while read -r order; do
  $order
  echo "DONE $? $order"
done
# Of the guest, never of the machine that it runs on.
grep -q " / hostfs " /proc/mounts && echo o >/proc/sysrq-trigger
sleep 60
