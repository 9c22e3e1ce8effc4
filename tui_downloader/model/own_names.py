"""How the files are called that the program makes beside a download, and no download itself.

What has such a name is taken for what the program left: a server that could choose one for its file
would choose the bytes of another download, and what counts as done of it.
"""

from __future__ import annotations

import re

PART = ".part"  # the bytes so far
RECORD = ".json"  # behind that: its passport
OLD = ".old"  # behind that: set aside for a new one
BAD = ".bad"  # a wrong digest, or a passport that cannot be read
COPY = ".copy"  # not whole yet
RESERVED = ".reserved"  # the mark beside a name that is only reserved yet
REPLACED = ".replaced"  # another file has its name now, and can give it back

_ALONE = "|".join(ending[1:] for ending in (BAD, COPY, RESERVED, REPLACED))
_BEHIND_PART = "|".join(map(re.escape, (RECORD, OLD, BAD, COPY, RESERVED)))
# The dots of such an ending. A damaged passport may have a number (`.part.json.2.bad`).
_OWN_DOTS = re.compile(
    rf"\.(?=(?:{PART[1:]}(?:{_BEHIND_PART}|\.[0-9]+)*|{_ALONE})\Z)", re.IGNORECASE
)


def disowned(name: str) -> str:
    """Return a file name that none of the program's own files can have: `f.part` as `f_part`.

    It is as long as before. Capitals do not count, as some file systems tell no difference.
    """
    return _OWN_DOTS.sub("_", name)
