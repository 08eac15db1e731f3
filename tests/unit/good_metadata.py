"""A metadata document that is right, for tests that break it."""

GOOD = """\
contract: 1
code: knn
label: k-nearest neighbours
image: algoreg/knn
version: 0.1.0
predictive: true
interactive: true
entrypoints: [train, test]
tasks: [classification, regression]
parameters:
  - code: k
    type: integer
    default_value: 5
    constraints: {min: 1, max: 100}
"""
