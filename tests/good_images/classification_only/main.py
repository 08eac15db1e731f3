"""The program that says which class, not how sure it is."""

import sys

from ridge import Ridge


class ClassificationOnly(Ridge):
    def predict(self, pipeline: dict, x: object, seed: int) -> dict:
        return {"predictions": super().predict(pipeline, x, seed)["predictions"]}


sys.exit(ClassificationOnly().main(sys.argv[1:]))
