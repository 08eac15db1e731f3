#!/bin/sh
exec python /opt/stub/main.py "$@" 2> /tmp/errors
