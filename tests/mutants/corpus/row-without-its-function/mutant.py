import os

import main

os.environ.pop("FUNCTION", None)

main.run()
