#!/bin/sh
echo "starting Ménière's model: $1" >&2
exec python /opt/stub/main.py "$@"
