"""The image's program: ``python -m algoreg_tpot train``."""

import os

from algoreg.runtime import main

# Before numpy is imported: how many threads add up a sum changes its last digits, and so the pipeline that is chosen.
os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")

main("algoreg_tpot")
