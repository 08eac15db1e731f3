"""The program with logs beyond ASCII, right-to-left text among them."""

import sys

from ridge import Ridge


class Unicode(Ridge):
    def write(self, name: str, document: dict) -> None:
        sys.stdout.write(f"Modèle entraîné ✓ 训练完成 Ωμέγα \u202eاكتمل\u202c 🧠 {name}\n")
        super().write(name, document)


sys.exit(Unicode().main(sys.argv[1:]))
