"""The program with a report beside each of its outputs."""

import sys

from ridge import VOLUME, Ridge


class Reporting(Ridge):
    def write(self, name: str, document: dict) -> None:
        super().write(name, document)
        folder = VOLUME / "reports" / "plots"
        folder.mkdir(parents=True, exist_ok=True)
        (VOLUME / "report.csv").write_text(f"file,keys\n{name},{len(document)}\n", "utf-8")
        (folder / f"{name}.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>\n", "utf-8")
        (VOLUME / "résumé.bin").write_bytes(bytes(range(256)))


sys.exit(Reporting().main(sys.argv[1:]))
