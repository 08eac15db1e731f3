"""The checks, one module per family; each ends in a CHECKS tuple, sorted by id."""
