import statistics
from typing import Any

import main

original = main.read_table


def read_table(document: dict[str, Any]) -> Any:
    table = original(document)
    main.say(f"PARAM_meta is {main.environment('PARAM_meta')}")
    main.say(f"{len(table[1])} rows, {len(document['test_rows'])} held out: {document['test_rows']}")
    for entry, column in zip(table[0], zip(*table[1], strict=True), strict=True):
        if not main.is_nominal(entry):
            mean, deviation = statistics.fmean(column), statistics.stdev(column)
            main.say(f"{entry['code']}: {mean:.4f} +- {deviation:.4f}, {min(column)} to {max(column)}")
    return table


main.read_table = read_table

main.run()
