#!/usr/local/bin/bash5
exec python /opt/stub/main.py "$@"
