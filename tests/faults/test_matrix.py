"""The fault matrix: every fault has a test that stages it. A row is a fault; those between a service and the app are
in `network.py`, tried over all four kinds.
"""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path
from typing import Final

from faults.network import FAULTS

TESTS: Final = Path(__file__).resolve().parents[1]

ELSEWHERE: Final[dict[int, tuple[str, ...]]] = {
    # the way to a service
    1: ("app/test_failed_replies.py::test_a_server_that_is_down",),
    2: ("engine/test_http.py::test_no_such_host",),
    3: ("engine/test_http.py::test_a_connection_that_is_not_taken_in_time",),
    4: ("engine/test_tls.py::test_what_is_wrong_with_a_certificate_is_said",),
    5: (
        "engine/test_tls.py::test_https_to_a_port_that_does_not_shake_hands",
        "engine/test_tls.py::test_https_to_a_port_that_stays_silent",
        "engine/test_tls.py::test_http_to_a_port_that_speaks_tls",
    ),
    6: (
        "engine/test_client.py::test_plain_http_to_another_machine_is_refused_unsent",
        "app/test_form.py::test_plain_http_to_another_machine_is_asked_about",
    ),
    7: (
        "config/test_settings.py::test_addresses",
        "app/test_broken_settings.py::test_the_app_starts_on_what_is_usable_and_changes_nothing",
    ),
    # what the user and the system do meanwhile
    33: (
        "engine/test_http.py::test_cancelling_while_connecting_leaves_nothing_open",
        "session/test_sending.py::test_stopping_at_once",
        "session/test_sending.py::test_stopping_keeps_the_text_and_late_events_change_nothing",
        "session/test_sending.py::test_stopping_works_for_a_message_sent_while_the_last_connection_closes",
    ),
    34: ("session/test_queue.py::test_two_messages_in_the_same_moment_are_one_conversation_and_one_request",),
    35: ("app/test_streaming.py::test_quitting_in_the_middle_keeps_the_text_and_the_draft",),
    36: (
        "terminal/test_terminal.py::test_a_killed_program_loses_nothing_older_than_a_quarter_of_a_second",
        "store/test_killed.py::test_nothing_that_was_acknowledged_is_lost",
    ),
    37: (
        "terminal/test_terminal.py::test_a_signal_during_a_reply_restores_the_terminal",
        "terminal/test_terminal.py::test_a_closed_terminal_ends_the_program_and_keeps_what_was_said",
        "terminal/test_ending.py::test_the_process_ends_whatever_the_terminal_does",
    ),
    38: ("terminal/test_terminal.py::test_a_suspended_program_continues",),
    39: ("faults/test_network.py::test_each_fault_has_its_words_and_loses_nothing",),  # as rows 20 and 23
    40: ("terminal/test_terminal.py::test_an_internal_error_restores_the_terminal_and_reports_no_texts",),
    # the history
    41: (
        "session/test_unsaved.py::test_a_disk_that_is_full_at_any_write_loses_no_message",
        "session/test_delayed_writes.py::test_a_problem_that_returns_is_reported_again",
    ),
    42: (
        "session/test_delayed_writes.py::test_everything_is_written_later_in_order",
        "app/test_alerts.py::test_a_condition_is_shown_while_it_lasts_and_when_it_returns",
        "terminal/test_ending.py::test_it_ends_while_another_program_locks_the_history",
    ),
    43: ("app/test_alerts.py::test_a_second_window_takes_over_when_the_first_has_ended",),
    44: (
        "store/test_recovery.py::test_damage_found_in_a_large_file_is_repaired_at_the_next_start",
        "store/test_salvage.py::test_a_damaged_root_page_hides_nothing_below_it",
        "store/test_opening.py::test_a_damaged_file_is_set_aside",
    ),
    45: ("store/test_recovery.py::test_a_missing_history_is_reported",),
    46: ("store/test_writer.py::test_a_file_that_was_moved_is_noticed_and_found_again",),
    47: ("store/test_opening.py::test_a_newer_version_is_read_only",),
    48: (
        "store/test_opening.py::test_a_migration_that_fails_changes_nothing",
        "store/test_opening.py::test_a_migration_that_is_killed_changes_nothing",
    ),
    49: ("store/test_opening.py::test_without_a_folder_it_is_kept_in_memory",),
    50: ("store/test_opening.py::test_invalid_utf_8_does_not_lose_the_row",),
    # everything else
    51: ("app/test_broken_settings.py::test_with_invalid_toml_the_app_starts_with_the_local_bots",),
    52: ("config/test_writing.py::test_a_symbolic_link_stays_one",),
    53: ("store/test_history.py::test_a_clock_that_jumps_back_moves_nothing_down",),
    54: ("app/test_form.py::test_a_refusing_keyring_is_reported_and_the_file_takes_the_key",),
    55: ("app/test_streaming.py::test_every_size_down_to_one_cell_and_back",),
}


def test_every_fault_is_staged() -> None:
    assert {*ELSEWHERE, *(fault.row for fault in FAULTS)} == set(range(1, 56))


def test_the_tests_that_stage_a_fault_elsewhere_are_there() -> None:
    missing = [
        test
        for tests in ELSEWHERE.values()
        for test in tests
        if test.partition("::")[2] not in _functions(test.partition("::")[0])
    ]
    assert missing == []


@cache
def _functions(file: str) -> set[str]:
    tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
