"""Where moto differs from SQS. The local server follows SQS in every row.

A row is a test, those of its cells that differ (all if none is named), and what moto does instead. There the
test has to fail on moto: a row that no longer holds fails the suite, so that the table stays true.
"""

from __future__ import annotations

from typing import NamedTuple

from botocore.exceptions import ClientError


class Difference(NamedTuple):
    """One row."""

    test: str
    instead: str
    cells: tuple[str, ...] = ()
    raises: type[BaseException] = AssertionError

    def covers(self, test: str, cell: str) -> bool:
        """Tell whether this row speaks of that cell of that test."""
        return self.test == test and (not self.cells or cell in self.cells)


MOTO_DIFFERS = (
    Difference(
        "test_number_and_ids_of_entries_are_checked",
        "checks neither number nor ids of the entries of a visibility batch, and of a delete batch only some",
        (
            "none-change_message_visibility_batch",
            "eleven-delete_message_batch",
            "eleven-change_message_visibility_batch",
            "space-delete_message_batch",
            "space-change_message_visibility_batch",
            "long-delete_message_batch",
            "long-change_message_visibility_batch",
            "twice-change_message_visibility_batch",
        ),
    ),
    Difference("test_characters_that_xml_has_not_are_refused", "takes any character"),
    Difference("test_attributes_count_towards_the_size", "counts the body alone"),
    Difference(
        "test_a_bad_message_attribute_is_refused",
        "does not check values: an empty one gets another code, a number that is none is taken",
        ("empty", "number"),
    ),
    Difference("test_a_message_has_at_most_ten_attributes", "takes any number of attributes"),
    Difference("test_attributes_out_of_range_are_refused", "checks no range but that of the message size"),
    Difference("test_an_unknown_attribute_is_refused", "takes unknown attributes when they are set"),
    Difference(
        "test_a_redrive_policy_must_name_a_queue_that_is_there",
        "says that the queue which has the policy is missing",
    ),
    Difference(
        "test_a_message_received_too_often_moves_and_keeps_its_id_and_time",
        "does not give DeadLetterQueueSourceArn",
        raises=KeyError,
    ),
    Difference("test_a_move_task_brings_messages_back", "has no move tasks", raises=ClientError),
    Difference("test_a_move_task_can_be_cancelled", "has no move tasks", raises=ClientError),
    Difference("test_only_a_dead_letter_queue_can_be_moved_from", "has no move tasks"),
    Difference("test_a_task_that_is_not_there_can_not_be_listed", "has no move tasks"),
    Difference("test_the_visibility_of_a_visible_message_can_not_be_changed", "hides the message again"),
    Difference(
        "test_the_visibility_of_a_deleted_message_can_not_be_changed",
        "calls the receipt handle invalid instead",
    ),
    Difference("test_a_visibility_timeout_has_at_most_twelve_hours", "refuses twelve hours themselves"),
    Difference("test_an_old_handle_deletes_nothing_and_says_it_did", "deletes the message by its old handle"),
)
