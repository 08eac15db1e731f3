"""Peak memory of the CLI's own process while it validates, images and databases not counted.

python benchmarks/cli_memory.py algoreg/knn:0.1.0
python benchmarks/cli_memory.py --engine process plugins/knn
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def main() -> None:
    """Run `algoreg validate` with these arguments and print what the kernel says of that one process."""
    algoreg = str(Path(sys.executable).with_name("algoreg"))
    process = subprocess.Popen([algoreg, "validate", *sys.argv[1:]], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    print(f"exit code {process.returncode}, peak memory {usage.ru_maxrss / 1024:.0f} MB")
    sys.exit(process.returncode)


if __name__ == "__main__":
    main()
