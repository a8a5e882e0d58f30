"""The list of equivalent mutants."""

from .equivalent import Change, read_equivalent

CHANGE = Change(place="alink/outbox/queue.py Outbox.take", before=("room -= sample.size",), after=("room = 0",))


def test_a_mutant_is_read_as_it_is_printed_and_its_reason_with_it() -> None:
    text = f"# A remark\n\n{CHANGE}\nThe reason\nin two lines.\n"
    assert read_equivalent(text) == {CHANGE: "The reason in two lines."}
    assert CHANGE.module == "alink/outbox/queue.py"


def test_every_mutant_in_the_list_says_what_it_changes_and_why_that_is_no_change() -> None:
    for change, reason in read_equivalent().items():
        assert change.before != change.after
        assert reason
