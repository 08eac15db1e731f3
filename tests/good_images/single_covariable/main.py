"""The program for one covariable."""

import sys

from ridge import RefusedError, Ridge, Table


class Single(Ridge):
    def query(self, connection: object, sql: str) -> Table:
        table = super().query(connection, sql)
        if len(table.names) != 1:
            raise RefusedError(f"{len(table.names)} covariables: one is supported")
        return table


sys.exit(Single().main(sys.argv[1:]))
