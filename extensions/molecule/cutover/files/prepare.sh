[ -e /etc/nginx/conf.d/molecule.conf ] && exit 0
cat > /etc/nginx/conf.d/molecule.conf <<'TEXT'
# The front door of a scenario.
upstream mol_shop { server mol-edge:8099; }
server {
    listen 8098;
    location / { proxy_pass http://mol_shop; }
}
TEXT
cat > /etc/systemd/system/mol-shop.service <<'TEXT'
[Service]
ExecStart=/usr/bin/redis-server --port 8099
[Install]
WantedBy=multi-user.target
TEXT
grep -q mol-edge /etc/hosts || echo '127.0.0.1 mol-edge' >> /etc/hosts
systemctl daemon-reload
systemctl enable --quiet --now mol-shop nginx && echo made
