"""Ids as codes: what a dict from text to number would say, for many ids at once."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmentkit.engines.columnar.codebook import Codebook
from segmentkit.engines.columnar.packed import Packed, pack
from segmentkit.errors import UnknownNameError

# Texts around the widths at which a word, or the words altogether, are full.
IDS = st.text("ab中é\0", max_size=3) | st.sampled_from([1, 7, 8, 9, 16, 63, 64, 65, 200]).flatmap(
    lambda size: st.text("xy", min_size=size, max_size=size)
)


@given(st.lists(st.lists(st.none() | IDS, max_size=20), max_size=5))
def test_a_codebook_numbers_as_a_dict_does(portions):
    book, right = Codebook(), {}
    for portion in portions:
        codes = book.encode(portion).tolist()
        for one in portion:
            if one is not None:
                right.setdefault(one, len(right))
        assert codes == [-1 if one is None else right[one] for one in portion]
    assert book.values == list(right)
    assert [book.find(one) for one in right] == list(right.values())
    assert book.find("not there") == -1


def test_codes_stay_while_the_table_grows():
    ids = [f"contact-{number}" for number in range(5_000)]
    book = Codebook()
    for start in range(0, 5_000, 500):
        book.encode(ids[start : start + 500])
    assert book.look_up(pack(ids)).tolist() == list(range(5_000))
    assert book.decode(np.array([4_999, 0])) == ["contact-4999", "contact-0"]


def test_ids_with_one_hash_are_told_apart(monkeypatch):
    from segmentkit.engines.columnar import codebook

    monkeypatch.setattr(codebook, "_hashes", lambda words, lengths: np.zeros(len(words), np.uint64))
    book = Codebook()
    assert book.encode(["a", "b", "a", "c"]).tolist() == [0, 1, 0, 2]
    assert book.encode(["c", "d"]).tolist() == [2, 3]


def test_an_unknown_id_is_named():
    book = Codebook()
    book.encode(["c-17"])
    with pytest.raises(UnknownNameError, match="c-18"):
        book.codes(["c-17", "c-18"], 1, "contacts")


def test_missing_texts_have_no_code():
    texts = pack(["a", "", "b"])
    known = np.array([True, False, True])
    assert Codebook().encode_packed(Packed(texts.ends, texts.data, known)).tolist() == [0, -1, 1]
