import signal

import main

signal.signal(signal.SIGTERM, signal.SIG_IGN)

main.run()
