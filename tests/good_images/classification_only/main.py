"""The program for nominal variables alone; it says which class, not how sure it is."""

import sys

from ridge import NOMINAL, Ridge


class ClassificationOnly(Ridge):
    variable_types = NOMINAL
    variable_null = False
    covariables_null = False

    def predict(self, pipeline: dict, x: object, seed: int) -> dict:
        return {"predictions": super().predict(pipeline, x, seed)["predictions"]}


sys.exit(ClassificationOnly().main(sys.argv[1:]))
