"""cURL commands as documentation and browsers show them: the settings of a provider are found, and nothing else."""

from __future__ import annotations

import json
import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatgrid_tui.config.curl import CurlCommand, read_command
from chatgrid_tui.config.endpoints import base_address
from chatgrid_tui.config.field_text import parameter_lines, parameters_in
from chatgrid_tui.config.option_values import as_pairs
from chatgrid_tui.config.shell_words import variable_in, words_of
from chatgrid_tui.dialects.openai_settings import PARAMETERS, read_pasted
from chatgrid_tui.dialects.pasted_request import PastedRequest

KEY = "cgk_live_0123456789_9f3a"
BOARD = "5b0e1d3a-6f0c-4c1e-9a51-0d6f3c8e2a01"


def revealed(found: CurlCommand) -> str:
    return found.key.reveal() if found.key is not None else ""


def test_chatgrid_as_its_docs_show_it() -> None:
    found = read_command(
        f"""curl -X POST "https://api.chatgrid.ai/v1/boards/{BOARD}/chats/abc/messages" \\
          -H "Authorization: Bearer {KEY}" \\
          -H "Content-Type: application/json" \\
          -d '{{"content": "It'"'"'s me", "stream": true}}'"""
    )
    assert (found.kind, found.address, found.board) == ("chatgrid", "https://api.chatgrid.ai/v1", BOARD)
    assert revealed(found) == KEY
    assert found.headers == ()
    assert found.left_out == ("content-type", "content")


def test_a_variable_becomes_its_name_and_a_placeholder_is_left_out() -> None:
    found = read_command(
        'curl https://api.chatgrid.ai/v1/boards/{boardId}/chats -H "Authorization: Bearer $CHATGRID_API_KEY"'
    )
    assert (found.kind, found.variable, found.key, found.board) == ("chatgrid", "CHATGRID_API_KEY", None, "")
    found = read_command('curl https://www.chatiq.io/api/chat -H "Authorization: Bearer YOUR_API_KEY"')
    assert (found.kind, found.variable, found.key) == ("chatiq", "", None)
    assert "the key, which is only a placeholder" in found.left_out


def test_chatiq_as_a_browser_copies_it() -> None:
    found = read_command(
        "curl 'https://www.chatiq.io/api/chat' \\\n  -H 'accept: */*' \\\n  -H 'cookie: session=planted' \\\n"
        f"  -H 'authorization: Bearer {KEY}' \\\n  -H 'origin: https://shop.example' -H 'sec-fetch-mode: cors' \\\n"
        "  -H 'referer: https://shop.example/' -H 'x-gateway: blue' \\\n"
        """  --data-raw $'{"message":"It\\'s late","bot_slug":"shop-bot","private_mode":true}' --compressed"""
    )
    assert (found.kind, found.address, found.board) == ("chatiq", "https://www.chatiq.io/api", "shop-bot")
    assert revealed(found) == KEY
    assert [name for name, _ in found.headers] == ["origin", "referer", "x-gateway"]
    assert found.options == {"private_mode": True}
    assert found.left_out == ("accept", "cookie", "sec-fetch-mode", "message")
    assert "planted" not in repr(found)


def test_azure_as_its_docs_show_it() -> None:
    url = "https://acme.openai.azure.com/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21"
    found = read_command(
        f"""curl "{url}" -H "Content-Type: application/json" -H "api-key: $AZURE_KEY" """
        """-d '{"messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Hi"}]}'"""
    )
    assert (found.kind, found.address, found.options["key_header"]) == ("openai", url, "api-key")
    assert (found.variable, found.key, found.options["system"]) == ("AZURE_KEY", None, "Be brief.")
    assert found.left_out == ("content-type", "1 message")
    placed = read_command(f"curl '{url}' -H 'api-key: {KEY}' -d '{{}}'")
    assert (placed.address, revealed(placed), placed.headers) == (url, KEY, ())


def test_a_variable_in_the_address_is_said_to_be_one() -> None:
    for url in ("$BASE_URL/chat/completions", "${HOST}/v1/models", "https://%HOST%/v1", "{{base_url}}/v1/models"):
        found = read_command(f"curl '{url}' -H 'Authorization: Bearer $KEY'")
        assert (found.address, found.variable) == ("", "KEY")
        assert "is a variable" in found.left_out[0]
        assert base_address("openai", url)[1].endswith("is a variable. Enter the address itself.")


LEFT_OUT = (
    ("-k", "the option -k"),
    ("-sSkN", "the option -k"),
    ("-L --insecure", "the option --insecure"),
    ("--data-urlencode 'q=a b'", "the option --data-urlencode"),
    ("-F file=@x.png", "the option -F"),
    ("-x http://proxy.example", "the option -x"),
    ("--cacert ca.pem", "the option --cacert"),
    ("--no-such-option", "the option --no-such-option"),
    ("-X DELETE", "the option -X"),
    ("-b a=b", "cookie"),
    ("-u me:planted", "a user with a password"),
    ("-d @body.json", "the body, which is in a file"),
    ("-d a=b", "the body, which is not a JSON object"),
    ("""-d '{"messages":[],"x-y z":1}'""", "x-y z"),
    ("-H 'x-goog-api-key: $G'", "x-goog-api-key, whose value is a variable"),
    (
        "-H 'x-widget-api-key: planted-key-1'",
        "the header x-widget-api-key, since OpenAI-compatible has another for the key",
    ),
)


def test_nothing_is_dropped_silently() -> None:
    for options, left_out in LEFT_OUT:
        found = read_command(f"curl https://x.example/v1/chat/completions {options}")
        assert found.address == "https://x.example/v1"
        assert left_out in found.left_out
        assert "planted" not in " ".join(found.left_out)
        assert read_command(f"curl {options} https://x.example/v1/chat/completions").address == found.address


def test_an_unused_query_is_reported() -> None:
    found = read_command("curl 'https://api.chatgrid.ai/v1/boards/b/chats?limit=5'")
    assert "the query of the address" in found.left_out
    assert read_command("curl -sS -N -o out.txt --compressed https://api.chatgrid.ai/v1/boards").left_out == ()


@pytest.mark.parametrize(
    ("header", "url", "key_header", "path"),
    [
        ("x-api-key", "http://localhost:4000/v1/chat/stream", "", ""),
        ("X-Widget-Api-Key", "http://localhost:4000/chat", "x-widget-api-key", "/chat"),
        ("x-api-key", "http://localhost:4000/v1/chat", "", ""),
    ],
)
def test_a_widget(header: str, url: str, key_header: str, path: str) -> None:
    found = read_command(f"""curl {url} -H '{header}: {KEY}' -d '{{"sessionId":"s1","message":"Hi"}}'""")
    assert (found.kind, found.address) == ("widget", "http://localhost:4000")
    assert (found.options.get("key_header", ""), found.options.get("path", "")) == (key_header, path)
    assert revealed(found) == KEY


def test_an_openai_compatible_server() -> None:
    found = read_command(
        """curl -sS --json '{"model":"meta/llama-3:8b","messages":[]}' """
        "http://localhost:11434/v1/chat/completions | jq ."
    )
    assert (found.kind, found.address, found.board) == ("openai", "http://localhost:11434/v1", "meta/llama-3:8b")
    assert found.key is None


def chat(**body: object) -> CurlCommand:
    """Return what is found in a request to a chat."""
    return read_command(f"curl https://x.example/v1/chat/completions -d {shlex.quote(json.dumps(body))}")


def test_a_chat_gives_its_system_prompt_and_its_parameters() -> None:
    messages = [{"role": "user", "content": "Hi"}, {"role": "system", "content": "Be brief."}, {"role": "system"}]
    found = chat(
        model="m", messages=messages, stream=True, stream_options={}, temperature=0.2, seed=7, user="me", store=False
    )
    assert found.options["system"] == "Be brief."
    assert found.options["parameters"] == (("temperature", 0.2), ("seed", 7), ("user", "me"), ("store", False))
    assert found.taken == ("the address", "the model m", "the system prompt", "temperature", "seed", "user", "store")
    assert found.left_out == ("2 messages",)
    parts = [{"role": "developer", "content": [{"type": "text", "text": "One"}, {"text": "two"}, {"text": 3}, 4]}]
    assert chat(messages=parts).options["system"] == "One\ntwo"


def test_unused_parts_of_a_chat_are_reported() -> None:
    found = chat(
        messages="x", stream=False, stop=["a"], temperature="hot", max_tokens=0, seed=None, big=10**30,
        far=float("nan"), half="\ud800", lines="a\u2028b", long="x" * 600, **{"a = b": 1, "": 2},
    )  # fmt: skip
    assert found.options == {"system": "", "parameters": ()}
    assert found.left_out == (
        "stop", "temperature", "max_tokens", "seed", "big", "far", "half", "lines", "long", "a = b",
        "a field without name", "stream",
    )  # fmt: skip


def test_the_parameters_of_a_chat_are_bounded() -> None:
    found = chat(messages=[], **{f"p{number}": number for number in range(200)})
    assert len(as_pairs(found.options["parameters"])) == 30
    assert len(found.left_out) == 31
    assert found.left_out[-1] == "140 more fields"


@given(
    st.dictionaries(
        st.sampled_from(["messages", "temperature", "max_tokens", "seed", "user", "model"]) | st.text(max_size=8),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(st.sampled_from(["role", "content", "text"]), inner | st.just("system"), max_size=3)
            ),
            max_leaves=8,
        ),
        max_size=6,
    )
)
def test_what_is_taken_from_any_chat_can_be_typed_in_the_form(body: dict[str, object]) -> None:
    found = read_pasted(PastedRequest("", "", frozenset(), json.loads(json.dumps(body)))).options
    str(found["system"]).encode()
    parameters = dict(as_pairs(found["parameters"]))
    assert parameters_in(parameter_lines(parameters), PARAMETERS) == (parameters, "")


@pytest.mark.parametrize(
    "command",
    [
        f'curl.exe "https://api.chatgrid.ai/v1/boards" `\n  -H "authorization: Bearer {KEY}"',
        f'curl ^"https://api.chatgrid.ai/v1/boards^" ^\r\n  -H ^"authorization: Bearer {KEY}^"',
        f"$ curl -H'authorization: Bearer {KEY}' --url https://api.chatgrid.ai/v1/boards",
        f"curl --oauth2-bearer {KEY} https://api.chatgrid.ai/v1/boards",
        f'curl --header="Authorization: Bearer {KEY}" -sSXGET https://api.chatgrid.ai/v1/boards',
        f"curl https://api.chatgrid.ai/v1/boards -H 'authorization: Bearer {KEY}",
    ],
)
def test_the_quoting_of_other_shells_and_a_mark_that_is_not_closed(command: str) -> None:
    found = read_command(command.removeprefix("$ "))
    assert (found.kind, found.address, revealed(found)) == ("chatgrid", "https://api.chatgrid.ai/v1", KEY)


def test_what_cannot_be_stored_is_reported_without_any_key() -> None:
    found = read_command(
        f"curl https://x.example/v1/models -u me:{KEY} -H 'Authorization: Basic {KEY}' "
        f"-H 'x-trace: $TRACE' -b a={KEY}"
    )
    assert found.key is None
    assert found.headers == ()
    assert found.left_out == (
        "a user with a password",
        "cookie",
        "a key of the kind Basic",
        "x-trace, whose value is a variable",
    )
    assert KEY not in repr(found)


def test_a_command_of_any_length_is_bounded() -> None:
    found = read_command("curl https://x.example -d '" + "x" * 1_000_000 + "'")
    assert found.left_out == ("all of it: the command is too long",)


@pytest.mark.parametrize("word", ["$KEY", "${KEY}", "%KEY%", "$env:KEY", "{{KEY}}", "{{ KEY }}"])
def test_variables_of_all_shells(word: str) -> None:
    assert variable_in(word) == "KEY"


@pytest.mark.parametrize("word", ["KEY", "$", "$1", "a$KEY", "${KEY", "%K%E%", ""])
def test_texts_that_are_no_variables(word: str) -> None:
    assert variable_in(word) == ""


@given(st.text(max_size=300))
def test_no_text_makes_it_fail(text: str) -> None:
    words_of(text)
    read_command(f"curl {text}")


@given(
    st.lists(
        st.sampled_from(["-H", "-d", "'", '"', "\\", "^", "`", "\n", "$'", "https://x/v1", "Bearer", ":", "{", "}"])
    )
)
def test_no_pieces_of_commands_make_it_fail(pieces: list[str]) -> None:
    found = read_command("curl " + " ".join(pieces))
    assert found.address == "" or found.address.startswith("http")
