#!/bin/sh
python /opt/stub/main.py "$@"
rm -f /tmp/*.part
