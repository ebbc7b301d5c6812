#!/bin/sh
# First process of a guest: root is the host's file system, only /mnt and what is mounted there is the guest's own.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/mnt TMPDIR=/mnt
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t tmpfs tmp /mnt
mount -t tmpfs run /run
ip link set lo up
if [ -n "$GUEST_ADDRESS" ]; then
  ip addr add "$GUEST_ADDRESS" dev eth0
  ip link set eth0 up
fi
mkdir /mnt/data
# Without its card (another guest has it) it would write to memory, and a power cut would seem to lose everything.
if mount -t ext4 -o noatime /dev/ubda /mnt/data; then
  "$GUEST_NODE" "$GUEST_PROGRAM"
  sync
  umount /mnt/data
else
  echo "NO CARD"
fi
# Of the guest, never of the machine that it runs on.
grep -q " / hostfs " /proc/mounts && echo o >/proc/sysrq-trigger
sleep 60
