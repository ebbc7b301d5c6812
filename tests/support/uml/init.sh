#!/bin/sh
# First process of a guest: root is the host's file system, only /mnt and what is mounted there is the guest's own.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/mnt TMPDIR=/mnt
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t tmpfs tmp /mnt
mount -t tmpfs run /run
ip link set lo up
mkdir /mnt/data
mount -t ext4 -o noatime /dev/ubda /mnt/data
"$GUEST_NODE" "$GUEST_PROGRAM"
sync
umount /mnt/data
echo o >/proc/sysrq-trigger
sleep 60
