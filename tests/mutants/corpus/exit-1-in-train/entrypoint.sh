#!/bin/sh
python /opt/stub/main.py "$@" || exit
[ "$1" != train ]
