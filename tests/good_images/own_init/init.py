"""A small init: starts the program, passes signals on, reaps orphans, ends as the program ended."""

import os
import signal
import sys

child = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ)
for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
    signal.signal(number, lambda received, _frame: os.kill(child, received))
while True:
    ended, status = os.wait()
    if ended == child:
        code = os.waitstatus_to_exitcode(status)
        sys.exit(code if code >= 0 else 128 - code)
