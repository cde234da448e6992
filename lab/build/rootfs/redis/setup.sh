install -d -o 999 -g 999 /data
