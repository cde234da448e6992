systemctl --quiet disable tomcat10.service vsftpd.service supervisor.service
systemctl --quiet mask console-getty.service getty.target getty@tty1.service systemd-binfmt.service
