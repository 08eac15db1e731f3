"""The faults of contract section 5: how each is injected, which check answers for it, what evidence must follow.

These faults and no others are tried. The probe applies one to an otherwise good run and looks at the end.
"""

from __future__ import annotations

from algoreg.faults.catalogue import all_faults, compute_faults, key_faults, test_faults, train_faults
from algoreg.faults.fault import Data, Evidence, Fault
from algoreg.faults.setting import Setting, dump

__all__ = [
    "Data",
    "Evidence",
    "Fault",
    "Setting",
    "all_faults",
    "compute_faults",
    "dump",
    "key_faults",
    "test_faults",
    "train_faults",
]
