"""What is done with the files of a reply: they are saved, and pictures are shown."""

from __future__ import annotations

from collections.abc import Sequence, Set
from pathlib import Path
from typing import TYPE_CHECKING, assert_never

from textual.geometry import Offset

from chatgrid_tui.errors import UsageProblem
from chatgrid_tui.model.provider import Provider
from chatgrid_tui.session.conversation import Conversation
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.ui.actions.reading import AttachmentTask
from chatgrid_tui.ui.appearance import ASCII_SIGNS, look_of
from chatgrid_tui.ui.chat_page import Page
from chatgrid_tui.ui.overlays.overlay import lies_over
from chatgrid_tui.ui.transcript.reply_parts import Attachment, attachment

if TYPE_CHECKING:  # not needed for the first frame
    from chatgrid_tui.engine.download import RemoteFile
    from chatgrid_tui.session.downloads import Download
    from chatgrid_tui.session.session import Session


class AttachmentActions:
    """Saves and shows files of replies. Nothing is requested before the user has asked for a file."""

    def __init__(self, page: Page) -> None:
        self._page = page

    def do(
        self,
        task: AttachmentTask,
        session: Session,
        conversation: Conversation,
        reply: Reply | None,
        index: int | None,
        at: Offset,
    ) -> None:
        """Do something with the file of a reply that has this index, or ask at a cell of the screen which one."""
        files = [] if reply is None else [attachment(item) for item in reply.attachments]
        provider = session.clients.current(conversation.provider)
        try:
            match task:
                case "save_file" if index is None and len(files) > 1:
                    self._choose(session, provider, files, at)
                case "save_file":
                    self._save(session, provider, _one(files, index))
                case "show_picture":
                    self._show(session, provider, files, index)
                case _:
                    assert_never(task)
        except UsageProblem as problem:
            self._page.toast(str(problem))

    def _choose(self, session: Session, provider: Provider, files: Sequence[Attachment], at: Offset) -> None:
        from chatgrid_tui.ui.overlays.menu_screen import MenuEntry, MenuScreen

        if lies_over(self._page.app, MenuScreen):
            return  # requested twice
        entries = [MenuEntry(file.name, file.detail, works=file.address is not None) for file in files]

        def chosen(number: int | None) -> None:
            if number is not None:
                try:
                    self._save(session, provider, files[number])
                except UsageProblem as problem:
                    self._page.toast(str(problem))

        self._page.app.push_screen(MenuScreen("Save file", [entries], at), chosen)

    def _save(self, session: Session, provider: Provider, file: Attachment) -> None:
        from chatgrid_tui.session.downloads import SAVED_AT_MOST
        from chatgrid_tui.session.user_files import current_folder, free_name, safe_name, shown_path
        from chatgrid_tui.ui.chat.dialogs.save_file_screen import SaveFileScreen
        from chatgrid_tui.units import size as data_size

        if lies_over(self._page.app, SaveFileScreen):
            return  # requested twice
        remote = _remote(file, provider)
        saved = ""

        def start(path: Path, hosts: Set[str]) -> Download[int]:
            return session.transfers.downloads.save(remote.also_from(hosts), path)

        def finished(path: Path, size: int) -> None:
            nonlocal saved
            saved = f"Saved {data_size(size)} in {shown_path(path)}."

        folder = current_folder()
        name = free_name(safe_name(file.file_name), Path(folder))
        where = f" A new file in {folder}." if folder else ""
        help_text = f"From {file.detail}; at most {data_size(SAVED_AT_MOST)}.{where}"
        screen = SaveFileScreen(name, help_text, start, finished)
        self._page.app.push_screen(screen, lambda name: self._page.toast(saved) if name is not None else None)

    def _show(self, session: Session, provider: Provider, files: Sequence[Attachment], index: int | None) -> None:
        from chatgrid_tui.ui.chat.bubbles.pictures import check_installed
        from chatgrid_tui.ui.chat.dialogs.picture_screen import PictureScreen

        if lies_over(self._page.app, PictureScreen):
            return  # requested twice
        pictures = [file for file in files if file.is_picture and file.address is not None]
        chosen = None if index is None else _one(files, index)
        if chosen is not None and chosen not in pictures:
            raise UsageProblem(f"{chosen.name} is not a picture that can be shown.")
        if not pictures:
            raise UsageProblem("This reply has no picture that can be shown.")
        look = look_of(self._page.transcript)
        if look.theme.flat:
            raise UsageProblem("Pictures cannot be shown without colours. Save the picture, or open it.")
        if look.signs is ASCII_SIGNS:
            raise UsageProblem("Pictures cannot be shown in ASCII. Save the picture, or open it.")
        check_installed()

        def load(picture: Attachment, hosts: Set[str]) -> Download[bytes]:
            return session.transfers.downloads.load(_remote(picture, provider).also_from(hosts))

        first = 0 if chosen is None else pictures.index(chosen)
        self._page.app.push_screen(PictureScreen(pictures, first, load, session.clients.settings.pictures))


def _one(files: Sequence[Attachment], index: int | None) -> Attachment:
    """Return the file with this index, or the only one."""
    number = 0 if index is None else index
    if number >= len(files):
        raise UsageProblem("This reply has no files.")
    return files[number]


def _remote(file: Attachment, provider: Provider) -> RemoteFile:
    from chatgrid_tui.engine.download import RemoteFile

    if file.address is None:
        raise UsageProblem(f"{file.name} cannot be loaded: {file.detail}.")
    return RemoteFile(file.address, allow_http=provider.allow_http)
