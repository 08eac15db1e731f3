#!/bin/sh
python /opt/stub/main.py "$@" 2>&1 | tee /tmp/log
