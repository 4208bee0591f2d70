"""The reasons looked up in columns are those that the interpreter finds, to the letter."""

from agreement.test_engines import cases
from hypothesis import given, settings
from hypothesis import strategies as st

from segmentkit.engines import Reasons
from segmentkit.engines.columnar import ColumnReasons, Population
from segmentkit.query import format as written


def differences(case, lang):
    """What the two engines say of anyone, where they differ."""
    population = Population.from_source(case.store)
    contacts = sorted(case.store.contact_ids(), reverse=True)
    wrong = {}
    for condition in case.conditions.values():
        reasons = Reasons(case.setting, lang)
        line = reasons.compile(condition)
        reader = reasons.reader()
        found = ColumnReasons(condition, case.setting, lang).lines(population, contacts)
        for contact in contacts:
            right = line(reader.read(case.store, contact))
            if found[contact] != right:
                wrong[written(condition)] = f"{right!r} is right, not {found[contact]!r}"
    return wrong


@settings(max_examples=settings.default.max_examples // 5)
@given(cases(), st.sampled_from(["en", "zh"]))
def test_columns_give_the_reasons_of_the_interpreter(case, lang):
    wrong = differences(case, lang)
    assert not wrong, wrong
