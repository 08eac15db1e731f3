"""Configurations as people keep them: odd lines in any order, into which a merge may write, or refuses to."""

from __future__ import annotations

from random import Random

_OPENINGS = ("algorithms {\n  knn {\n", "algorithms.knn {\n", "algorithms {\n", "")
_LINES = (
    *("algorithms {", "algorithms { knn {", "algorithms.knn {", "algorithms = {", '"algorithms" {'),
    *(
        "knn {",
        "knn = {",
        "knn : {",
        '"knn" {',
        "linreg {",
        "}",
        "},",
        "z { dockerImage = k }",
        "algorithms { }",
    ),
    *('dockerImage = "a/b:1"', 'dockerImage = "a/b:1",', "dockerImage : a/b", '"dockerImage" = "x:1"'),
    *("dockerImage = ${?KNN_IMAGE}", "dockerImage = ${?OTHER}, predictive = true", 'dockerImage = """a"b"""'),
    *("predictive = yes", 'predictive : "off" # why', "predictive = true // }", "predictive = null"),
    *("variablesCanBeNull = on, covariablesCanBeNull=no", "maturity = beta", 'maturity = "a" "b"'),
    *("engine = Docker", "engine = null", "distributedExecutionPlan = streaming", "interactive = 1"),
    *("x = ${?HOME}", "x = [1, {a = 2}]", "a.b.c = 1", 'y = "}" ', "# }", "// {", "\t", "", "flag = true"),
    *("algorithms.knn.predictive = false", 'algorithms.tpot.dockerImage = "q"', "algorithms.other = 5"),
    *("algorithms.knn { maturity = x }", "algorithms.knn {}", "algorithms.knn.extra.predictive = 3"),
    *('include "inc.conf"', 'algorithms { include "inc.conf" }', "parameters = [ { code = k } ]"),
    's = """\n multi } { \n"""',
)
INCLUDED = {"inc.conf": "foo = 1\n"}


def text(random: Random) -> str:
    """Some lines, with the braces closed that are open."""
    lines = random.choices(_LINES, k=random.randint(1, 9))
    body = random.choice(_OPENINGS) + random.choice(("\n", "\r\n")).join(lines)
    closing = "\n}" * max(0, body.count("{") - body.count("}"))
    return body + closing + random.choice(("", "\n", " # end", "\n# end"))
