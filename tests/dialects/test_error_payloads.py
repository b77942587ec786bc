"""Errors in their many shapes, and how long a service asks to wait."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatgrid_tui.dialects.error_payloads import field_of, http_failure, is_error, retry_after, said
from chatgrid_tui.model.failure import Failure, FailureCause
from chatgrid_tui.model.json import JsonObject

NOW = datetime(2026, 3, 15, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("payload", "code", "message"),
    [
        ({"error": {"code": "c", "message": "m"}}, "c", "m"),
        ({"error": {"code": 7, "message": "m"}}, "7", "m"),
        ({"error": {"code": True, "message": "m"}}, None, "m"),
        ({"error": {"code": "", "message": ""}}, None, None),
        ({"error": {"code": "c"}, "message": "m"}, "c", "m"),
        ({"error": {"message": "m"}, "code": "c"}, "c", "m"),
        ({"error": "m"}, None, "m"),
        ({"error": "Bad Request", "message": "the reason", "statusCode": 400}, None, "the reason"),
        ({"error": "m", "code": "c"}, "c", "m"),
        ({"error": ["m", "n"]}, None, "m"),
        ({"error": {"error": {"message": "m", "code": "c"}}}, "c", "m"),
        ({"error": 5, "message": "m"}, None, "m"),
        ({"code": "c", "message": "m"}, "c", "m"),
        ({"object": "error", "status": 400, "code": "c", "message": "m", "details": [{"message": "d"}]}, "c", "m"),
        ({"detail": "m"}, None, "m"),
        ({"Message": "m"}, None, "m"),
        ({"status": "error", "reason": "m"}, None, "m"),
        ({"detail": [{"loc": ["body", "x"], "msg": "m", "type": "t"}]}, None, "m"),
        ({"errors": [{"message": "m"}, {"message": "n"}]}, None, "m"),
        ([{"error": {"message": "m", "code": 1}}], "1", "m"),
        ([], None, None),
        ("m", None, "m"),
        ("", None, None),
        (None, None, None),
        (5, None, None),
        ({"message": {"text": "m"}}, None, None),
        ({"message": "a\ud83d"}, None, "a\ufffd"),
    ],
)
def test_what_a_payload_says(payload: object, code: str | None, message: str | None) -> None:
    assert said(payload) == (code, message)


def test_a_type_is_a_code_where_the_kind_says_so() -> None:
    payload = {"error": {"message": "m", "type": "t", "code": None}}
    assert said(payload) == (None, "m")
    assert said(payload, type_is_code=True) == ("t", "m")
    assert said({"error": {"message": "m", "type": "t", "code": 5}}, type_is_code=True) == ("5", "m")


def test_deep_nesting_is_ignored() -> None:
    payload: object = "m"
    for _ in range(500):
        payload = {"error": payload}
    assert said(payload) == (None, None)


@pytest.mark.parametrize("value", ["0", "1", "42", "1.5", "0.25", "86400", " 7 "])
def test_seconds(value: str) -> None:
    assert retry_after({"retry-after": value}, NOW) == float(value)


@pytest.mark.parametrize(
    "value", ["", "soon", "-1", "+1", "1e3", "1,5", ".5", "5.", "nan", "inf", "1_0", "٤", "9" * 400]
)
def test_nonsense(value: str) -> None:
    assert retry_after({"retry-after": value}, NOW) is None
    assert retry_after({}, NOW) is None


@pytest.mark.parametrize(
    "value",
    [
        "Sun, 15 Mar 2026 12:00:30 GMT",
        "Sunday, 15-Mar-26 12:00:30 GMT",
        "Sun, 15 Mar 2026 13:00:30 +0100",
        "Sun Mar 15 12:00:30 2026",
    ],
)
def test_dates(value: str) -> None:
    assert retry_after({"retry-after": value}, NOW) == 30.0
    assert retry_after({"retry-after": value}, NOW + timedelta(hours=1)) == 0.0
    served_at = "Sun, 15 Mar 2026 12:00:00 GMT"
    assert retry_after({"retry-after": value, "date": served_at}, NOW - timedelta(days=9)) == 30.0
    assert retry_after({"retry-after": value}, None) is None


@given(st.text(max_size=30), st.text(max_size=30), st.binary(max_size=40), st.sampled_from([NOW, None]))
def test_no_header_and_no_body_raises(value: str, date: str, body: bytes, now: datetime | None) -> None:
    failure = http_failure(503, {"retry-after": value, "date": date, "location": value}, body, now)
    assert failure.kind == "http"


@pytest.mark.parametrize(
    "value", ["Sun, 15 Mar 99999 12:00:00 GMT", "1 Jan 1 1:1:1 +9999", "15 Mar 2026 25:61:61 GMT"]
)
def test_dates_that_no_calendar_has(value: str) -> None:
    assert retry_after({"retry-after": value}, NOW) in (None, 0.0)


def test_the_target_of_a_redirect() -> None:
    moved = http_failure(308, {"location": "https://www.chatiq.io/api/chat"}, b"", NOW)
    assert moved == Failure("http", "moved", status=308, place="www.chatiq.io")
    for location, place in (
        ("http://[bad", "http://[bad"),
        ("/api/chat", "/api/chat"),
        ("https://user:secret@host:1/", "host:1"),
        ("", ""),
    ):
        assert http_failure(302, {"location": location}, b"", NOW).place == place


@pytest.mark.parametrize("text", ["x" * 501, "<html>no</html>", '{"message":"cut', "[1"])
def test_bodies_without_an_error_text(text: str) -> None:
    failure = http_failure(500, {}, text.encode(), NOW)
    assert (failure.code, failure.message) == (None, None)


@pytest.mark.parametrize(
    ("payload", "field"),
    [
        (
            {"detail": [{"loc": ["body", "stream_options"], "msg": "Extra inputs are not permitted"}]},
            "stream_options",
        ),
        ({"detail": [{"loc": ["body", "messages", 0, "role"], "msg": "m"}]}, "messages.0.role"),
        ({"error": {"message": "m", "param": "stream_options"}}, "stream_options"),
        ({"error": {"message": "m", "param": None}}, ""),
        ({"errors": [{"message": "m"}, {"message": "n", "param": "top_k"}]}, "top_k"),
        (
            {
                "object": "error",
                "code": "validation_error",
                "message": "m",
                "details": [{"path": "a", "message": "n"}],
            },
            "a: n",
        ),
        ({"status": 404, "error": "Not Found", "path": "/v1/chat"}, ""),
        ({"detail": "m"}, ""),
        ({"error": {"message": "m", "param": ["body", {}, None]}}, ""),
        (["m"], ""),
        ("m", ""),
        (7, ""),
    ],
)
def test_the_field_that_a_validation_error_names(payload: object, field: str) -> None:
    assert field_of(payload) == field
    assert http_failure(422, {}, json.dumps(payload).encode(), NOW).field == field


@pytest.mark.parametrize(
    "value",
    [
        {"error": {}},
        {"error": ""},
        {"error": []},
        {"error": None},
        {"error": False},
        {"error": {"code": 0, "message": "Success"}},
        {"error": {"code": None, "message": None}},
        {"code": 0, "message": "x"},
        {"code": "200", "message": "x"},
        {"code": "SUCCESS", "message": "x"},
        {"code": 0, "msg": "x", "data": {}},
        {"message": "x"},
        {"success": True, "message": "x"},
        {"base_resp": {"status_code": 0, "status_msg": "x"}},
        {"detail": "x", "id": "1"},
    ],
)
def test_what_is_no_error(value: JsonObject) -> None:
    assert not is_error(value)


@pytest.mark.parametrize(
    ("value", "beside_a_reply"),
    [
        ({"error": "x"}, True),
        ({"error": {"message": "x"}}, True),
        ({"error": ["x"]}, True),
        ({"error": True, "message": "x"}, True),
        ({"error": {"code": 0, "message": "Out of memory"}}, True),
        ({"base_resp": {"status_code": 1008, "status_msg": "x"}}, True),
        ({"code": 7, "message": "x"}, False),
        ({"code": 7, "msg": "x"}, False),
        ({"error_code": 7, "error_msg": "x"}, False),
        ({"success": False, "message": "x"}, False),
        ({"errors": [{"message": "x"}], "success": False}, False),
        ({"object": "error"}, False),
        ({"detail": "x"}, False),
    ],
)
def test_what_is_an_error(value: JsonObject, beside_a_reply: bool) -> None:
    assert is_error(value)
    assert is_error(value, of_reply=True) is beside_a_reply


@pytest.mark.parametrize(
    ("status", "body", "cause"),
    [
        (400, b"<html><center>The plain HTTP request was sent to HTTPS port</center></html>", "TLS expected"),
        (400, b"Client sent an HTTP request to an HTTPS server.\n", "TLS expected"),
        (400, b"<p>Reason: You're speaking plain HTTP to an SSL-enabled server port.<br />", "TLS expected"),
        (400, b"The messages are too long.", "said"),
        (500, b"Client sent an HTTP request to an HTTPS server.\n", "said"),
    ],
)
def test_plain_http_at_an_https_port(status: int, body: bytes, cause: FailureCause) -> None:
    assert http_failure(status, {}, body, NOW).cause == cause
