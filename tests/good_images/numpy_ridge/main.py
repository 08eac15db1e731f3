"""What the entrypoint starts; a variation replaces this file and overrides what it varies."""

import sys

from ridge import Ridge

sys.exit(Ridge().main(sys.argv[1:]))
