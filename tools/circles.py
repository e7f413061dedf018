"""A contract for import-linter: no module imports itself by way of others.

The contracts that it brings with it compare rooms; this one compares modules, and so also sees a
package and a module in it that import each other.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from graphlib import CycleError, TopologicalSorter

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


class NoCircles(Contract):
    """Kept if no circle of imports runs through the packages."""

    type_name = "no_circles"

    packages = fields.ListField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Whether the contract is kept, with a circle in the metadata if it is not."""
        packages = [str(name) for name in self.packages]  # type: ignore[attr-defined]  # a list once it is read
        modules = [name for name in graph.modules if name.partition(".")[0] in packages]
        imports = {name: graph.find_modules_directly_imported_by(name) for name in modules}
        circle = circle_in(imports)
        return ContractCheck(kept=not circle, metadata={"circle": circle})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Print the circle, one import a line."""
        circle = check.metadata["circle"]
        for importer, imported in itertools.pairwise(circle):
            output.print_error(f"{importer} -> {imported}")


def circle_in(imports: Mapping[str, Iterable[str]]) -> list[str]:
    """A way from a module back to itself, each imports the next; empty if there is none."""
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        found: list[str] = error.args[1]
        return found[::-1]  # it says who is needed by whom
    return []
