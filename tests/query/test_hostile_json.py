"""JSON from outside: too deep, too large, damaged or without sense, it is refused at once."""

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from query.json_samples import SAMPLES, document

from segmentkit.errors import InvalidValueError
from segmentkit.query.json import from_json, to_json
from segmentkit.query.json_coding.nodes import SHAPES


def nested(levels, inner):
    for _ in range(levels):
        inner = {"node": "not", "operand": inner}
    return document(inner)


PATH = {"node": "path", "names": ["a"]}


def test_depth_is_limited_before_anything_is_read():
    assert from_json(nested(249, PATH))
    for levels in (250, 50_000):
        with pytest.raises(InvalidValueError, match="250 nodes within nodes"):
            from_json(nested(levels, PATH))
    deep_list = []
    for _ in range(50_000):
        deep_list = [deep_list]
    with pytest.raises(InvalidValueError):
        from_json(document({"node": "and", "items": deep_list}))
    with pytest.raises(InvalidValueError):
        from_json(json.dumps(nested(250, PATH)))


def test_data_that_contains_itself_is_refused():
    loop = {"node": "not"}
    loop["operand"] = loop
    with pytest.raises(InvalidValueError, match="nodes within nodes"):
        from_json(document(loop))


def test_size_is_limited_and_long_lists_of_plain_items_are_not_nodes():
    texts = [{"node": "text", "value": str(number)} for number in range(10_000)]
    long_list = document({"node": "in_list", "left": PATH, "items": texts})
    assert len(from_json(long_list).items) == 10_000
    assert len(from_json(json.dumps(long_list)).items) == 10_000
    texts.append({"node": "text", "value": "one more"})
    with pytest.raises(InvalidValueError, match="10000 items"):
        from_json(long_list)
    shared = {"node": "or", "items": [{"node": "not", "operand": PATH}] * 100}
    for _ in range(3):  # a hundredfold each time, in memory only once
        shared = {"node": "and", "items": [{"node": "not", "operand": shared}] * 100}
    with pytest.raises(InvalidValueError, match="5000 nodes"):
        from_json(document(shared))


@settings(max_examples=300, deadline=None)
@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats()
        | st.text(max_size=3)
        | st.sampled_from([shape.name for shape in SHAPES]),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["node", "version", "condition", "left", "items", "names", "value"]
                ),
                inner,
                max_size=4,
            )
        ),
    )
)
def test_hostile_json_gives_a_condition_or_an_error_of_ours(data):
    for whole_document in (data, document(data)):
        try:
            from_json(whole_document)
        except InvalidValueError as error:
            assert str(error)  # noqa: PT017


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(SAMPLES)), st.data())
def test_damaged_text_gives_a_condition_or_an_error_of_ours(name, data):
    text = json.dumps(to_json(SAMPLES[name]), ensure_ascii=False)
    at = data.draw(st.integers(0, len(text) - 1))
    cut = data.draw(st.integers(0, 3))
    put = data.draw(st.sampled_from(["", '"', "{", "]", "null", "0", ",", "\ud800", "\\"]))
    try:
        from_json(text[:at] + put + text[at + cut :])
    except InvalidValueError as error:
        assert str(error)  # noqa: PT017


def test_hostile_sizes_take_less_than_a_second():
    long = ["[" * 900_000, '{"a":' * 200_000, '"' * 900_000, '"\\' * 400_000, "{" + " " * 900_000]
    for text in long:
        started = time.perf_counter()
        with pytest.raises(InvalidValueError):
            from_json(text)
        assert time.perf_counter() - started < 1
