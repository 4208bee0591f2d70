"""Many conditions asked of a whole population at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from attrs import frozen

from segmentkit.arguments import refuse_other_types
from segmentkit.engines.columnar.arrays import Codes
from segmentkit.engines.columnar.compile import Compiler
from segmentkit.engines.columnar.members import Node
from segmentkit.engines.columnar.population import Population
from segmentkit.engines.columnar.run import Run
from segmentkit.engines.interpreter import Interpreter
from segmentkit.engines.setting import Setting
from segmentkit.engines.subject import Subject
from segmentkit.errors import InvalidValueError
from segmentkit.query import Condition


@frozen(eq=False)
class Members:
    """
    Who passes one condition.

    Attributes:
        codes: of the population, ascending.
    """

    population: Population
    codes: Codes

    def __len__(self) -> int:
        return len(self.codes)

    def __iter__(self) -> Iterator[str]:
        return iter(self.ids())

    def ids(self) -> list[str]:
        """Ids of the contacts, in the order of the population."""
        return self.population.ids_of(self.codes)


@frozen(eq=False)
class Answers(Mapping[str, Members]):
    """Who passes each condition of a batch, by its name."""

    population: Population
    codes: Mapping[str, Codes]

    def __getitem__(self, name: str) -> Members:
        return Members(self.population, self.codes[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self.codes)

    def __len__(self) -> int:
        return len(self.codes)

    def ids(self) -> dict[str, list[str]]:
        """For each condition the ids of those who pass, sorted."""
        return {name: sorted(self[name]) for name in self.codes}


@frozen(eq=False)
class Batch:
    """
    Compiled conditions, see `compile_batch`.

    Attributes:
        collections: names of those that the conditions read.
    """

    setting: Setting
    collections: tuple[str, ...]
    _nodes: Mapping[str, Node]
    _questions: list[Callable[[Subject], bool]]
    _asked_collections: tuple[str, ...]

    @refuse_other_types
    def evaluate(self, population: Population) -> Answers:
        """
        Who passes each condition.

        Raises:
            InvalidValueError: the population has another schema than the batch.
            UnknownNameError: it was made without a collection that a condition names.
        """
        if population.schema != self.setting.schema:
            raise InvalidValueError(
                "schema", "population", "Compile the batch for the schema of the population"
            )
        run = Run(population, self.setting, self._questions, self._asked_collections)
        return Answers(
            population,
            {name: run.codes(node) for name, node in self._nodes.items()},
        )


@refuse_other_types
def compile_batch(conditions: Mapping[str, Condition], setting: Setting) -> Batch:
    """
    Conditions compiled together for one run; what they share is computed once.

    Args:
        conditions: bound conditions by name.
        setting: the run's schema, instant, zone, viewer, names and segments.

    Raises:
        NotPortableError: a construct that this engine cannot compute right.
        UnknownNameError, InvalidValueError, CycleError: as the interpreter.

    Examples:
        >>> from datetime import UTC, datetime
        >>> from segmentkit.engines import Moment
        >>> from segmentkit.engines.columnar import Population
        >>> from segmentkit.model import Contact, Field, FieldType, Schema, State
        >>> from segmentkit.query import Compare, Number, Path
        >>> from segmentkit.stores import MemoryStore
        >>> schema = Schema(fields=[Field("age", FieldType.INTEGER)])
        >>> contacts = [Contact.read(schema, "c-1", {"age": 20}), Contact("c-2")]
        >>> population = Population.from_source(MemoryStore(State.of(schema, contacts)))
        >>> moment = Moment.of(datetime(2026, 11, 21, tzinfo=UTC), UTC)
        >>> adult = Compare(">=", Path(("age",)), Number(18))
        >>> batch = compile_batch({"adult": adult}, Setting(schema, moment))
        >>> batch.evaluate(population)["adult"].ids()
        ['c-1']
    """
    compiler = Compiler(setting)
    nodes = {name: compiler.compile(condition) for name, condition in conditions.items()}
    interpreter = Interpreter(setting)
    questions = [interpreter.compile(condition) for condition in compiler.asked]
    asked = tuple(sorted(interpreter.collections))
    return Batch(setting, compiler.collections(), nodes, questions, asked)
