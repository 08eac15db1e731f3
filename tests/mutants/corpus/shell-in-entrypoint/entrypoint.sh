#!/bin/sh
exec sh -c "python /opt/stub/main.py $*"
