"""Moving between conversations, boards and providers: the list, the palette, the keys."""

from __future__ import annotations

from pathlib import Path

from app.scripted import held_bot, provider
from app.window import Window, opened
from chatgrid_tui.ui.overlays.keys_screen import KeysScreen
from chatgrid_tui.ui.overlays.palette import PaletteScreen
from chatgrid_tui.ui.overlays.picker import PickerScreen
from chatgrid_tui.ui.overlays.picker_list import PickerList


async def two_conversations(window: Window) -> None:
    """Say something to Echo twice, in two conversations."""
    await window.meets(4)
    await window.says("the older one")
    await window.press("ctrl+n")
    await window.until(lambda: not window.conversation.turns)
    await window.says("the newer one")


async def test_a_new_conversation_on_the_same_board(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        await two_conversations(window)
        assert window.conversation.board.name == "Echo"
        assert [row.title for row in window.session.index] == ["the newer one", "the older one"]


async def test_the_list_opens_a_conversation_by_arrows_and_enter(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        await two_conversations(window)
        for size in ((120, 40), (80, 24)):
            await window.resizes(*size)
            await window.press("f6")
            await window.sees("Conversations", "the older one", "the newer one")
            await window.press("down", "enter")
            await window.until(lambda: window.conversation.title == "the older one")
            await window.until(lambda: window.app.focused is window.app.chat.composer.field)
            await window.press("f6", "up", "enter")
            await window.until(lambda: window.conversation.title == "the newer one")


async def test_the_list_over_the_page_opens_by_mouse_and_closes_again(tmp_path: Path) -> None:
    async with opened(tmp_path, size=(80, 24), config='[keys]\n"chat.list" = "f7"\n') as window:
        await two_conversations(window)
        composer = window.app.chat.composer.field
        for key in ("f7", "escape", "tab"):
            await window.press("f7")
            await window.sees("Conversations", "Esc Close")
            await window.press(key)
            await window.sees_no("Conversations")
            await window.until(lambda: window.app.focused is composer, "the message")
        await window.press("f7")
        await window.sees("Conversations")
        await window.pilot.click(offset=(70, 3))
        await window.sees_no("Conversations")
        await window.press("f7")
        await window.clicks("the older one")
        await window.until(lambda: window.conversation.title == "the older one")
        await window.sees_no("Conversations")


async def test_the_list_beside_the_page_is_shown_entered_and_hidden_by_one_key(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        await two_conversations(window)
        listing, composer = window.app.chat.list.list, window.app.chat.composer.field
        await window.press("f6")
        assert listing.has_focus
        await window.press("f6")
        await window.sees_no("Conversations")
        assert composer.has_focus
        await window.press("f6")
        await window.sees("Conversations")
        assert listing.has_focus
        await window.press("escape")
        assert composer.has_focus
        await window.sees("Conversations")


async def test_the_list_is_filtered_as_one_types(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        await two_conversations(window)
        for size, chosen in (((120, 40), "older"), ((80, 24), "newer"), ((50, 20), "older")):
            await window.resizes(*size)
            await window.press("f6", "slash", *chosen)
            await window.sees("1 of 2", f"the {chosen} one")
            assert [row.title for row in window.app.chat.list.list.rows] == [f"the {chosen} one"]
            await window.press("escape")
            await window.sees("the newer one", "the older one")
            await window.press("slash", *"echo widget")  # the bot and its provider
            await window.sees("2 of 2")
            await window.press("down" if chosen == "older" else "up", "enter")
            await window.until_titled(f"the {chosen} one")
            await window.until(lambda: window.app.focused is window.app.chat.composer.field)
            assert not window.app.chat.list.is_filtering


async def test_a_failed_row_says_what_failed_also_after_a_restart(tmp_path: Path) -> None:
    async with opened(tmp_path, size=(170, 48)) as window:
        await window.meets(5)
        await window.says("/500")
        await window.sees("Trouble  500 failed")
    async with opened(tmp_path, size=(170, 48)) as window:
        await window.sees("Trouble  500 failed")


async def test_a_reply_goes_on_behind_another_conversation_and_counts_as_unread(tmp_path: Path) -> None:
    async with held_bot() as bot, held_bot() as other:
        config = provider(bot.url) + provider(other.url, name="zeta", board="second-bot")
        async with opened(tmp_path, config=config) as window:
            await window.sends("A long question")
            bot.says("The beginning")
            await window.sees("The beginning")
            first = window.conversation
            await window.press("ctrl+k")
            await window.until(lambda: isinstance(window.app.screen, PickerScreen))
            await window.press(*"second", "enter")
            await window.until(lambda: window.conversation.board.name == "second-bot")
            assert first.live is not None
            bot.says(" and the end.")
            bot.ends()
            await window.until(lambda: first.live is None)
            await window.sees("● 1")
            await window.press("f6", "enter")
            await window.until(lambda: window.conversation is first)
            await window.sees("The beginning and the end.")
            await window.until(lambda: not any(row.unread for row in window.app.chat.list.list.rows), "all read")


async def test_the_picker_shows_what_cannot_be_reached_and_leads_to_conversations(tmp_path: Path) -> None:
    config = provider("http://127.0.0.1:9/v1", "chatgrid", name="down") + provider("http://127.0.0.1:9/v1", name="up")
    async with opened(tmp_path, config=config) as window:
        await window.press("escape", "ctrl+k")
        await window.sees("Go to", "down", "nothing answers", "support-bot")
        await window.press("escape")
        assert window.app.screen is window.app.chat


async def test_the_arrows_of_the_palette_show_a_theme_and_enter_keeps_it(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        await window.press("ctrl+p", *"theme", "down")
        assert window.app.look.theme.name == "colour-blind-light"
        await window.press("escape")
        assert window.app.look.theme.name == "midnight"
        await window.press("ctrl+p", *"theme", "down", "backspace")
        assert window.app.look.theme.name == "midnight", "only the arrows show one"
        await window.press("down", "enter")
        await window.until(
            lambda: "colour-blind-light" in (tmp_path / "config.toml").read_text(encoding="utf-8"), "the choice"
        )
        assert window.app.look.theme.name == "colour-blind-light"


async def test_the_keys_are_all_on_one_page(tmp_path: Path) -> None:
    async with opened(tmp_path, size=(120, 130)) as window:
        await window.press("f1")
        await window.sees("Keys", "take back what is queued", "Stop the reply: or go back")
        await window.press("end")
        await window.sees("Ctrl+Q or F10", "Ctrl+K or F4", "Add a provider            a service of any kind")
        # On the page and in the footer: a command without a key has none.
        await window.until(lambda: window.text.count("Ctrl+P") == 2, "Ctrl+P twice")
        await window.press("f1")
        assert window.app.screen is window.app.chat


async def test_command_descriptions_are_not_cut(tmp_path: Path) -> None:
    async with opened(tmp_path, size=(80, 24)) as window:
        await window.press("ctrl+p")
        await window.until(lambda: window.app.screen is not window.app.chat)
        for _ in range(12):
            commands = window.app.screen.query_one(PickerList)
            assert not [
                line for line in window.lines if commands.region.y <= window.lines.index(line) and "…" in line
            ]
            await window.press("pagedown")


async def test_the_palette_names_the_key_of_each_command_and_what_cannot_work_here(tmp_path: Path) -> None:
    async with opened(tmp_path, size=(120, 160)) as window:
        await window.press("escape", "ctrl+p")
        await window.sees("Commands", "Type what you want to do")
        for title in ("Conversation ──", "Reading ──", "Providers ──", "Everywhere ──", "Themes ──"):
            await window.sees(title)
        rows = {line[20:43].strip(): line[43:102].strip() for line in window.lines}
        assert rows["Switch"].split()[-1] == "Ctrl+K"
        assert rows["Rename conversation"] == "This conversation is empty."
        assert rows["Edit this provider"] == "The local bots need no settings."
        await window.press(*"rename", "enter")
        await window.until(lambda: window.text.count("This conversation is empty.") == 2, "the reason again")
        assert isinstance(window.app.screen, PaletteScreen)
        await window.press("ctrl+p")
        assert len(window.app.screen_stack) == 1, "its key closes it"


async def test_there_is_one_palette_and_none_over_a_dialog(tmp_path: Path) -> None:
    async with opened(tmp_path, size=(80, 24)) as window:
        await window.meets(4)
        await window.says("one")
        await window.press("f1", "ctrl+p")
        await window.sees("Close this first")
        assert isinstance(window.app.screen, KeysScreen)
        await window.press("escape", "f6", "ctrl+p")
        await window.until(lambda: isinstance(window.app.screen, PaletteScreen), "the commands")
        assert len(window.app.screen_stack) == 2
        await window.press(*"rename", "enter")
        await window.sees("Rename", "Enter Save")
        assert len(window.app.screen_stack) == 2


async def test_a_theme_is_chosen_in_the_palette_and_kept(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        dark = window.app.look.theme
        await window.press("ctrl+p")
        await window.until(lambda: window.app.screen is not window.app.chat)
        await window.press(*"paper", "enter")
        await window.until(lambda: window.app.theme == "paper", "another theme")
        assert window.app.look.theme != dark
        await window.sees("Welcome")
    assert 'theme = "paper"' in (tmp_path / "config.toml").read_text(encoding="utf-8")
    async with opened(tmp_path) as window:
        assert window.app.theme == "paper"


async def test_comments_of_the_configuration_are_backed_up_with_a_notice(tmp_path: Path) -> None:
    config = '# what I know about themes\ntheme = "paper"\nunknown_to_us = 3\n'
    async with opened(tmp_path, config=config) as window:
        await window.press("ctrl+p")
        await window.until(lambda: window.app.screen is not window.app.chat)
        await window.press(*"midnight", "enter")
        await window.sees("config.toml was rewritten without its comments. The old file is config.toml.bak.")
    assert (tmp_path / "config.toml.bak").read_text(encoding="utf-8") == config
    assert "unknown_to_us = 3" in (tmp_path / "config.toml").read_text(encoding="utf-8")


async def test_a_configuration_that_broke_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        (tmp_path / "config.toml").write_text("this is = = not TOML", encoding="utf-8")
        window.app.theme = "paper"
        await window.press("ctrl+p")
        await window.until(lambda: window.app.screen is not window.app.chat)
        await window.press(*"midnight", "enter")
        await window.sees("Line 1 of", "cannot be read")  # told until it is read, not in passing
    assert (tmp_path / "config.toml").read_text(encoding="utf-8") == "this is = = not TOML"


async def test_keys_can_be_changed_and_unknown_names_are_reported(tmp_path: Path) -> None:
    config = '[keys]\n"chat.new" = "f7"\n"chat.dance" = "f12"\n'
    async with opened(tmp_path, config=config) as window:
        await window.sees("`[keys]` names unknown actions: chat.dance.")
        await window.press("escape")
        await window.sees("F7 New")
        await window.meets(4)
        await window.says("one")
        before = window.conversation
        await window.press("ctrl+n")
        assert window.conversation is before
        await window.press("f7")
        await window.until(lambda: window.conversation is not before)
        await window.press("f1")
        await window.sees("F7")


async def test_every_command_of_the_palette_can_be_run(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        await window.meets(4)
        await window.says("one")
        for command in window.app.commands():
            if command.label == "Quit" or command.refusal:
                continue
            outcome = command.run()
            if outcome is not None:
                await outcome
            await window.pilot.pause()
            while len(window.app.screen_stack) > 1:
                await window.press("escape")


async def test_configured_keys_are_shown_wherever_keys_are(tmp_path: Path) -> None:
    own = {
        "transcript.copy": "f11",
        "list.rename": "f12",
        "composer.send": "f2",
        "switcher.edit": "f11",
        "app.search": "f14",
        "chat.recall": "f15",
        "form.save": "f16",
    }
    config = "[keys]\n" + "".join(f'"{action}" = "{key}"\n' for action, key in own.items())
    async with opened(tmp_path, size=(120, 130), config=config + provider("http://127.0.0.1:9/v1")) as window:
        await window.sees("F2 sends · Ctrl+J new line")
        await window.press("tab")
        await window.sees("F11 Copy")
        await window.press("escape", "f6")
        await window.sees("F12 Rename")
        await window.press("f1")
        await window.sees("F2  ", "F12  ", "F11  ")
        await window.press("escape", "f15")
        await window.sees("F15 Next")
        await window.press("escape", "alt+s")
        await window.sees("F16 Save")
