"""What a download is and what may happen to it: plain Python, no I/O, no clock, no event loop.

Modules are imported by name (`from tui_downloader.model.status import Status`), so that a
command-line run loads only what it uses.
"""
