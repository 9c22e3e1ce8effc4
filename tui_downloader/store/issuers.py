"""The file with issuers of certificates that the user trusts besides the system's."""

from __future__ import annotations

from pathlib import Path


def check_issuers(path: str) -> None:
    """Look whether a file holds certificates; reads all of it.

    Raises:
        ValueError: it does not, in a sentence for the user.
    """
    import ssl  # only a run that names issuers needs it this early

    if not Path(path).is_file():
        raise ValueError(f"there is no certificate file {path}")
    try:
        ssl.create_default_context(cafile=path)
    except ssl.SSLError as error:
        raise ValueError(f"{path} holds no certificates in PEM form") from error
    except OSError as error:
        raise ValueError(f"{path}: {error.strerror or error}") from error
