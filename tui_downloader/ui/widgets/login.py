"""What enter does in the fields `#user` and `#password` of a dialog."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.widgets import Input

if TYPE_CHECKING:
    from textual.dom import DOMNode


def leads_to_password(dialog: DOMNode, entered: object) -> bool:
    """Enter in the user field moves on to a password field that is still empty.

    Args:
        dialog: holds both fields.
        entered: where enter was pressed.

    Returns:
        Whether it did, so that enter is handled.
    """
    if not isinstance(entered, Input) or entered.id != "user" or not entered.value.strip():
        return False
    password = dialog.query_one("#password", Input)
    if password.value:
        return False
    password.focus()
    return True
