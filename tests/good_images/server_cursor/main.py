"""The program for tables that do not fit in memory: rows come in portions, from a cursor on the server."""

import sys

from ridge import Ridge, Table


class Streaming(Ridge):
    def query(self, connection: object, sql: str) -> Table:
        connection.execute("SET TRANSACTION READ ONLY")
        with connection.cursor(name="portion") as cursor:
            cursor.execute(sql)
            names = [column.name for column in cursor.description]
            rows = []
            while portion := cursor.fetchmany(50):
                rows += portion
            return Table(names, rows)


sys.exit(Streaming().main(sys.argv[1:]))
