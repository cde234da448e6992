useradd --create-home --uid 1000 --shell /bin/bash ops
chmod 440 /etc/sudoers.d/ops
systemctl --quiet enable ssh.service ssh-host-key.service cron.service
systemctl --quiet disable redis-server.service mariadb.service nginx.service
systemctl --quiet mask console-getty.service getty.target getty@tty1.service systemd-binfmt.service
# One guest of ten is a database: it makes its data directory at its first start.
rm -r /var/lib/mysql/*
