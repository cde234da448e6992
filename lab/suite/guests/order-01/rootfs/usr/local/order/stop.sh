#!/bin/sh
cd /usr/local/order || exit 1
kill "$(cat order.pid)" && rm order.pid
