"""
The grammar of the language, from the smallest part to the whole.

Importing this module builds it, and loads pyparsing; the parser does so at the first query.
"""

from __future__ import annotations

from segmentkit.query.ast import (
    Ago,
    Before,
    Duration,
    Frequency,
    KeyPattern,
    On,
    Range,
    Rolling,
    Since,
)
from segmentkit.query.parsing import assembly as make
from segmentkit.query.parsing.elements import (
    CLOSE,
    OPEN,
    Choice,
    Clauses,
    Listed,
    Many,
    Maybe,
    OfItems,
    Phrase,
)
from segmentkit.query.parsing.precedence import Precedence
from segmentkit.query.parsing.tokens import (
    aggregate_name,
    alias_name,
    calendar,
    collection,
    comparison,
    date,
    function,
    item_path,
    keyword,
    last_unit,
    named,
    number,
    parameter,
    path,
    text,
    truth,
    unit,
    verb,
    whole,
)

conditions = Precedence()
condition, value = conditions.condition, conditions.value
values = Listed(conditions.inner_value)

# --- windows ------------------------------------------------------------------------------------

duration = Phrase(Duration, whole, unit, ahead=2)
ago = Phrase(Ago, whole, unit, keyword("ago"), ahead=3)
point = Choice(date, ago, parameter).called("point")

rolling = Phrase(Rolling, named("last", "next", "previous"), duration)
points_ago = Phrase(make.points_ago, whole, keyword("to"), whole, unit, keyword("ago"), ahead=2)
bound = Choice(
    Phrase(Since, keyword("since"), point),
    Phrase(Before, keyword("before"), point),
    Phrase(Range, keyword("from"), point, keyword("to"), point),
    Phrase(On, keyword("on"), Choice(date, parameter).called("date")),
)
bare_window = Choice(calendar, last_unit, rolling, points_ago, bound).called("window")
in_window = Phrase(make.only, keyword("in_time"), bare_window, ahead=2)
window = Choice(in_window, bare_window).called("window")

# --- statements about a collection --------------------------------------------------------------

of_items = Phrase(make.only, OPEN, OfItems(condition), CLOSE)
where = Phrase(make.only, keyword("where"), of_items)
having = Phrase(make.only, keyword("having"), of_items)
one_sided = named("at_least", "at_most", "exactly", "more_than", "fewer_than")
frequency = Choice(
    Phrase(Frequency, one_sided, value, keyword("times")),
    Phrase(Frequency, named("between"), value, keyword("to", "and"), value, keyword("times")),
).called("frequency")
within = Choice(
    Phrase(make.only, keyword("within", lang="en"), duration),
    Phrase(make.only, duration, keyword("within", lang="zh")),
)

keys = Choice(
    Phrase(KeyPattern, keyword("like"), text),
    Phrase(make.keys, Maybe(named("under")), Choice(text, parameter, values)),
)
quantifier = named("any", "all")
alias = Phrase(make.only, keyword("as"), alias_name)
step = Phrase(
    make.step,
    keyword("then"),
    named("did", "did_not"),
    collection,
    Maybe(alias),
    Clauses(where=where, within=within),
)
subject = (verb, Maybe(quantifier), collection, Maybe(keys), Maybe(alias))
clauses = Clauses(where=where, having=having, frequency=frequency, window=window)
activity = Choice(
    Phrase(make.activity_in, window, *subject, clauses.without("window"), Many(step)),
    Phrase(make.activity, *subject, clauses, Many(step)),
).called("activity")

# --- values -------------------------------------------------------------------------------------

item = Choice(
    Phrase(make.transformed_item, function, OPEN, item_path, CLOSE),
    Phrase(make.item, item_path),
)
aggregate = Phrase(
    make.aggregate,
    aggregate_name,
    OPEN,
    Maybe(item),
    Clauses(where=where, window=window),
    CLOSE,
)
no_arguments = Phrase(make.no_arguments, OPEN, CLOSE, ahead=2)
call = Phrase(make.call, function, Choice(no_arguments, values))
literal = Choice(date, ago, duration, number, text, truth, parameter)

# --- comparisons --------------------------------------------------------------------------------

tail = Choice(
    Phrase(make.compare, comparison, value),
    Phrase(make.is_missing, named("is_missing", "is_known")),
    Phrase(make.compare_with_word, named(*make.IS), value),
    Phrase(make.between, named("between", "not_between"), value, keyword("and", "to"), value),
    Phrase(make.text_match, named(*make.TEXT_OPERATIONS), Maybe(quantifier), Choice(values, value)),
    Phrase(
        make.in_list_or_window,
        named("in", "in_time", "not_in", "not_in_time"),
        Choice(values, parameter, bare_window),
    ),
    Phrase(make.in_bound, bound),
).called("tail")

conditions.define(
    activity_or_atom=Choice(aggregate, call, activity, literal, path).called("condition"),
    atom=Choice(aggregate, call, literal, path).called("value"),
    tail=tail,
    window_starts=bare_window.starts,
)
