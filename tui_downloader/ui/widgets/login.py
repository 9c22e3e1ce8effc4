"""What the fields of a login, `#user` and `#password`, do in each dialog that has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.widgets import Input

if TYPE_CHECKING:
    from textual.dom import DOMNode


def leads_to_password(dialog: DOMNode, entered: object) -> bool:
    """Enter in the field of a user goes on to the password that is still missing.

    Args:
        dialog: holds both fields.
        entered: where enter was pressed.

    Returns:
        Whether it did: then enter has done its work.
    """
    if not isinstance(entered, Input) or entered.id != "user" or not entered.value.strip():
        return False
    password = dialog.query_one("#password", Input)
    if password.value:
        return False
    password.focus()
    return True
