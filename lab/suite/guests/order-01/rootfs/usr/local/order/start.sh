#!/bin/sh
# Starts the order service; called at boot by cron (/etc/cron.d/order) and by hand after an update.
cd /usr/local/order || exit 1
JAVA_OPTS="-Xms96m -Xmx192m -XX:+UseSerialGC -XX:TieredStopAtLevel=1"
nohup java $JAVA_OPTS -jar order.jar > nohup.out 2>&1 &
echo $! > order.pid
