"""Files and forms: which contacts come of them, and what is said about each row."""

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st
from model.office import BOSS, LATER, LI, NOW, SCHEMA, office

from segmentkit.errors import (
    InvalidValueError,
    NotAllowedError,
    UnknownNameError,
)
from segmentkit.model import (
    SYSTEM,
    BadRowsError,
    Contact,
    DefaultList,
    Form,
    Hold,
    Intake,
    IntakeTarget,
    Membership,
    Pin,
    View,
    erase_contact,
    merge_contacts,
    plan_intake,
    submit_form,
    suggest_columns,
    undo,
)

# --- rows ------------------------------------------------------------------------------------------

COLUMNS = {
    "编号": IntakeTarget.ID,
    "姓名": "name",
    "手机": "phone",
    "年龄": "age",
    "标签": IntakeTarget.TAGS,
    "分组": IntakeTarget.GROUPS,
    "关注": IntakeTarget.FOLLOWED,
    "导购": IntakeTarget.ADDED_BY,
    "来源": IntakeTarget.CHANNEL,
}
BLANK = dict.fromkeys(COLUMNS, "")


def rows(*given):
    return [BLANK | one for one in given]


def planned(state, *given, actor=BOSS, **more):
    intake = Intake("名单.csv", COLUMNS, **{"match_on": ["phone"], **more})
    return plan_intake(state, rows(*given), intake, actor=actor, at=NOW)


def test_a_csv_file_comes_in_with_groups_tags_and_stars_for_all():
    text = "姓名,手机,备注\n王小明,138 0000 1111,x\n李小红,139 0000 2222,y\n"
    header = text.splitlines()[0].split(",")
    columns = {one.column: one.target for one in suggest_columns(SCHEMA, header) if one.target}
    assert columns == {"姓名": "name", "手机": "phone"}
    state = office()
    intake = Intake("a.csv", columns, groups=["潜在客户"], tags=["VIP"], followed=True)
    plan = plan_intake(state, csv.DictReader(text.splitlines()), intake, actor=LI, at=NOW)
    assert plan.ignored == ("备注",)
    assert plan.count("add") == 2
    state.apply(plan.all_or_nothing())
    view = View(state, LI)
    new = [one for one in state.contact_ids() if one not in ("c1", "c2", "c3")]
    assert sorted(view.default_list(DefaultList.FOLLOWED)) == sorted(new)
    for contact in new:
        assert [tag.name for tag in view.tags_of(contact)] == ["VIP"]
        assert [group.name for group in view.groups_of(contact)] == ["潜在客户"]
        assert state.contact(contact).channel == "import"
        assert state.contact(contact).added_by == "li"
        assert [link.staff for link in state.staff_of(contact)] == ["li"]
        assert state.holds_of(contact) == (Hold(contact, "vip", "import", "a.csv", NOW),)


def test_bad_rows_are_reported_with_row_column_value_and_reason():
    plan = planned(office(), {"姓名": "好"}, {"年龄": "thirty", "关注": "也许"}, {"标签": "没有"})
    assert [outcome.action for outcome in plan.outcomes] == ["add", "refuse", "refuse"]
    told = [(one.row, one.column, one.value) for one in plan.problems]
    assert told == [(3, "年龄", "thirty"), (3, "关注", "也许"), (4, None, "没有")]
    assert all(one.reason and one.code for one in plan.problems)


def test_the_caller_chooses_between_the_good_rows_and_none():
    state = office()
    plan = planned(state, {"姓名": "好"}, {"年龄": "thirty"})
    with pytest.raises(BadRowsError, match="row 3, column '年龄'") as caught:
        plan.all_or_nothing()
    assert caught.value.problems == plan.problems
    assert state == office()
    state.apply(plan.good_only())
    assert len(state) == 4


def test_a_row_that_is_longer_than_its_header_is_bad_and_a_shorter_one_is_not():
    lines = ["姓名,手机", "王,138,x", "李"]
    intake = Intake("a", {"姓名": "name", "手机": "phone"})
    plan = plan_intake(office(), csv.DictReader(lines), intake, actor=BOSS, at=NOW)
    assert [outcome.action for outcome in plan.outcomes] == ["refuse", "add"]
    assert (plan.problems[0].row, plan.problems[0].value) == (2, ["x"])
    assert plan.ignored == ()


def test_a_dry_run_touches_nothing_and_applying_it_does_what_it_said():
    state = office(Contact("c1", {"phone": "13800001111"}))
    before = office(Contact("c1", {"phone": "13800001111"}))
    plan = planned(state, {"手机": "138-0000-1111", "姓名": "王"}, {"编号": "n"}, {"编号": "n"})
    assert state == before
    assert [(one.action, one.contact) for one in plan.outcomes] == [
        ("update", "c1"),
        ("add", "n"),
        ("same", "n"),
    ]
    changes = plan.all_or_nothing()
    state.apply(changes)
    assert state.contact("c1").value("name") == "王"
    state.apply(undo(state, changes, actor=BOSS, at=LATER).changes)
    assert state == before


@pytest.mark.parametrize(
    ("on_match", "action", "name", "age"),
    [
        ("update", "update", "新", 30),
        ("fill", "update", "旧", 30),
        ("skip", "skip", "旧", None),
        ("refuse", "refuse", "旧", None),
    ],
)
def test_what_happens_to_a_contact_that_is_there_is_the_callers_choice(on_match, action, name, age):
    state = office(Contact("c1", {"phone": "13800001111", "name": "旧"}))
    row = {"手机": "+86 138 0000 1111", "姓名": "新", "年龄": "30"}
    plan = planned(state, row, on_match=on_match)
    assert [one.action for one in plan.outcomes] == [action]
    state.apply(plan.good_only())
    assert (state.contact("c1").value("name"), state.contact("c1").value("age")) == (name, age)


def test_a_blank_cell_never_clears_a_value():
    state = office(Contact("c1", {"phone": "13800001111", "name": "王"}))
    assert planned(state, {"手机": "13800001111"}).outcomes[0].action == "same"


def test_a_row_that_fits_several_contacts_is_refused():
    state = office(
        Contact("c1", {"phone": "1"}), Contact("c2", {"phone": "2"}), Contact("c3", {"phone": "2"})
    )
    plan = planned(
        state,
        {"编号": "c1", "手机": "2"},
        {"手机": "2"},
        {"编号": "new", "手机": "1"},
    )
    assert [outcome.action for outcome in plan.outcomes] == ["refuse"] * 3
    assert len(plan.good_only()) == 0


def test_rows_about_the_same_person_become_one_contact():
    state = office()
    plan = planned(
        state,
        {"手机": "138", "姓名": "王", "标签": "VIP"},
        {"手机": "1 3 8", "年龄": "30", "标签": "强"},
    )
    assert [outcome.action for outcome in plan.outcomes] == ["add", "update"]
    state.apply(plan.all_or_nothing())
    (new,) = set(state.contact_ids()) - {"c1", "c2", "c3"}
    assert state.contact(new).fields == {"phone": "138", "name": "王", "age": 30}
    assert {tag.name for tag in View(state, LI).tags_of(new)} == {"VIP", "强"}


def test_new_groups_and_tags_are_created_for_good_rows_only():
    state = office()
    plan = planned(
        state,
        {"标签": "爱好/英语；爱好/足球", "分组": "客户/英语角"},
        {"标签": "爱好/英语"},
        {"标签": "职业/老师", "年龄": "?"},
        {"标签": "职业/医生、高频"},
        create=True,
    )
    assert [one.action for one in plan.outcomes] == ["add", "add", "refuse", "refuse"]
    state.apply(plan.good_only())
    hobbies = state.catalog.tag_group("爱好")
    assert [tag.name for tag in state.catalog.tags_of(hobbies.id)] == ["英语", "足球"]
    assert not any(group.name == "职业" for group in state.catalog.tag_groups)
    assert state.groups.group("客户/英语角").type.value == "customer"
    with pytest.raises(NotAllowedError):
        planned(office(), {}, tags=["爱好/新"], create=True, actor=LI)
    assert planned(office(), {"标签": "爱好/新"}, create=True, actor=LI).count("refuse") == 1


def test_a_row_is_taken_whole_or_not_at_all():
    state = office(
        Pin("c1", "tag", "strong", "against", "boss", NOW),
        Membership("c2", "low", "staff", "li", NOW),
    )
    plan = planned(
        state,
        {"编号": "c1", "姓名": "王", "标签": "VIP,强"},
        {"编号": "c2", "姓名": "李", "标签": "VIP", "分组": "高"},
        {"编号": "c3", "标签": "VIP,高频"},
    )
    assert plan.count("refuse") == 3
    assert len(plan.good_only()) == 0


def test_who_added_a_contact_is_known_by_id_or_name():
    state = office()
    plan = planned(state, {"编号": "a", "导购": "韩梅梅"}, {"编号": "b", "导购": "外部"})
    state.apply(plan.all_or_nothing())
    assert state.contact("a").added_by == "han"
    assert [link.staff for link in state.staff_of("a")] == ["han"]
    assert state.contact("b").added_by == "外部"
    assert state.staff_of("b") == ()


def test_ids_of_merged_contacts_lead_on_and_erased_ones_do_not_come_back():
    state = office()
    state.apply(merge_contacts(state, "c1", "c2", actor=BOSS, at=NOW))
    state.apply(erase_contact(state, "c3", actor=BOSS, at=NOW))
    plan = planned(state, {"编号": "c1", "姓名": "王"}, {"编号": "c3"})
    assert [(one.action, one.contact) for one in plan.outcomes] == [
        ("update", "c2"),
        ("refuse", None),
    ]
    assert "erased" in plan.problems[0].reason


WRONG = {
    "an unknown column": ({"columns": {"姓 名": "name"}}, UnknownNameError),
    "an unknown field": ({"columns": {"姓名": "nmae"}}, UnknownNameError),
    "two columns of one meaning": (
        {"columns": {"姓名": "name", "手机": "name"}},
        InvalidValueError,
    ),
    "an unknown tag for all": ({"tags": ["没有"]}, UnknownNameError),
    "an unknown group for all": ({"groups": ["没有"]}, UnknownNameError),
    "an unknown field to match on": ({"match_on": ["nmae"]}, UnknownNameError),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_intake_is_refused_before_the_first_row(what):
    more, error = WRONG[what]
    state = office()
    with pytest.raises(error):
        plan_intake(
            state, rows({}), Intake("a", **{"columns": COLUMNS, **more}), actor=BOSS, at=NOW
        )


def test_no_rows_are_no_change():
    plan = planned(office())
    assert (plan.outcomes, len(plan.all_or_nothing())) == ((), 0)


# Who a row says it is about. One of c1 has the number 138, one of n1 has 139, in any spelling.
IDENTITIES = st.sampled_from(
    [("", ""), ("c1", ""), ("c1", "138"), ("", "1-38"), ("n1", "139"), ("", "+86139"), ("c2", "")]
)


@given(
    st.lists(
        st.tuples(
            IDENTITIES,
            st.fixed_dictionaries(
                {},
                optional={
                    "年龄": st.sampled_from(["", "3", "x", 4, 4.5]),
                    "标签": st.sampled_from(["", "VIP", "新/a", "新/b,VIP", "高频", "孤"]),
                    "分组": st.sampled_from(["", "高", "低", "客户/新", "没有/新"]),
                },
            ),
        ),
        max_size=6,
    )
)
def test_what_a_plan_says_is_what_comes_of_it(given_rows):
    state = office(Contact("c1", {"phone": "138"}))
    cells = [{"编号": who, "手机": phone, **more} for (who, phone), more in given_rows]
    plan = planned(state, *cells, create=True)
    assert len(plan.outcomes) == len(given_rows)
    state.apply(plan.good_only())
    assert len(state) == 3 + plan.count("add")
    for outcome in plan.outcomes:
        assert (outcome.action == "refuse") == bool(outcome.problems)
        if outcome.contact is not None:
            assert state.find_contact(outcome.contact) is not None
    again = planned(state, *cells, create=True)
    strangers = [
        outcome.row
        for ((who, phone), _), outcome in zip(given_rows, plan.outcomes, strict=True)
        if not who and not phone and not outcome.problems
    ]
    added = [outcome.row for outcome in again.outcomes if outcome.action == "add"]
    assert added == strangers, "who can be known again is not added again"


def test_a_number_that_a_row_gave_up_is_free_for_the_next():
    state = office(Contact("c1", {"phone": "138"}))
    plan = planned(state, {"编号": "c1", "手机": "139"}, {"编号": "n1", "手机": "138"})
    assert [outcome.action for outcome in plan.outcomes] == ["update", "add"]
    state.apply(plan.all_or_nothing())
    assert state.contact("c1").value("phone") == "139"
    assert state.contact("n1").value("phone") == "138"


# --- forms -----------------------------------------------------------------------------------------

TRIAL = Form(
    "英语试听",
    {"您的姓名": "name", "手机号": "phone", "感兴趣的课程": IntakeTarget.TAGS},
    groups=["潜在客户"],
    tags=["强"],
    match_on=["phone"],
)


def test_a_submission_becomes_a_contact_with_the_presets_of_its_form():
    state = office()
    answers = {"您的姓名": "王小明", "手机号": "13800001111", "感兴趣的课程": ["VIP"]}
    state.apply(submit_form(state, TRIAL, answers, at=NOW))
    (new,) = set(state.contact_ids()) - {"c1", "c2", "c3"}
    assert state.contact(new).channel == "form"
    assert {tag.name for tag in View(state, SYSTEM).tags_of(new)} == {"VIP", "强"}
    assert {group.name for group in View(state, SYSTEM).groups_of(new)} == {"潜在客户"}
    assert {hold.holder for hold in state.holds_of(new)} == {"英语试听"}
    again = submit_form(state, TRIAL, {"手机号": "+86 13800001111"}, at=LATER)
    assert len(again) == 0


def test_a_bad_answer_says_which_question():
    form = Form("f", {"年龄": "age"})
    with pytest.raises(BadRowsError) as caught:
        submit_form(office(), form, {"年龄": "三十"}, at=NOW)
    assert caught.value.problems[0].column == "年龄"


def test_a_form_may_keep_its_respondents_out_of_the_contacts():
    form = Form("f", {"姓名": "name"}, creates_contact=False)
    assert len(submit_form(office(), form, {"姓名": "王"}, at=NOW)) == 0
