"""The graph of a GraphPipeline as JSON and back: named nodes that each hold an estimator, and who feeds whom.

The order of nodes and edges is the graph's own, because it decides which node comes last and how inputs are put
side by side. Only ``description`` calls this, and only under the rule that allows a graph.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from algoreg.runtime.failure import Failure

_DERIVED: Final = "successors"
"""Attribute that GraphPipeline computes anew from the edges."""
_INSTANCE: Final = "instance"


def describe_graph(graph: Any, describe: Callable[[Any], Any], where: str) -> dict[str, Any]:
    """``{"graph": [[node, estimator], ...], "edges": [[from, to], ...]}``. Raises Failure."""
    import networkx as nx

    if type(graph) is not nx.DiGraph:
        raise Failure(f"pipeline: {where} is a {type(graph).__name__}, expected a DiGraph")
    attributes = [set(data) - {_INSTANCE, _DERIVED} for _, data in graph.nodes(data=True)]
    if graph.graph or any(attributes) or any(data for *_, data in graph.edges(data=True)):
        raise Failure(f"pipeline: {where} has attributes that cannot be written as text")
    if not all(isinstance(node, str) and _INSTANCE in data for node, data in graph.nodes(data=True)):
        raise Failure(f"pipeline: {where} has a node without a name or without an estimator")
    return {
        "graph": [[str(node), describe(data[_INSTANCE])] for node, data in graph.nodes(data=True)],
        "edges": [[str(start), str(end)] for start, end in graph.edges],
    }


def _refuse_unless(condition: bool, what: str) -> None:
    if not condition:
        raise Failure(f"pipeline: graph: {what}")


def _pairs(value: Any, expected: str) -> list[list[Any]]:
    whole = isinstance(value, list) and all(isinstance(pair, list) and len(pair) == 2 for pair in value)
    _refuse_unless(whole, f"is not made of {expected}")
    pairs: list[list[Any]] = value
    return pairs


def rebuild_graph(entry: Mapping[str, Any], rebuild: Callable[[Any], Any]) -> Any:
    """A networkx.DiGraph. Raises Failure: no node, a name twice, an edge to nowhere or twice, a cycle."""
    import networkx as nx

    _refuse_unless(set(entry) == {"graph", "edges"}, "has not exactly the keys graph and edges")
    nodes = _pairs(entry["graph"], "nodes [name, estimator]")
    edges = _pairs(entry["edges"], "edges [from, to]")
    names = [name for name, _ in nodes]
    _refuse_unless(bool(names), "has no node")
    _refuse_unless(all(isinstance(name, str) for name in names), "a node's name is no text")
    _refuse_unless(len(set(names)) == len(names), "a node occurs twice")
    _refuse_unless(all(isinstance(end, str) for edge in edges for end in edge), "an edge's end is no text")
    _refuse_unless(
        {end for edge in edges for end in edge} <= set(names), "an edge names a node that is absent"
    )
    _refuse_unless(len({tuple(edge) for edge in edges}) == len(edges), "an edge occurs twice")
    graph = nx.DiGraph()
    graph.add_nodes_from(names)
    graph.add_edges_from(edges)
    _refuse_unless(nx.is_directed_acyclic_graph(graph), "has a cycle")
    for name, value in nodes:
        _refuse_unless(isinstance(value, dict) and "class" in value, "a node holds no class")
        graph.nodes[name][_INSTANCE] = rebuild(value)
    return graph
