"""A process that kills itself behind a step of its own choice: the beginning of its code."""

from __future__ import annotations

# `deadly(call)` counts calls of all that is wrapped in it; behind the one of number `when`, which
# the code behind this sets, the process is gone as by kill -9.
DEADLY = """
import os, signal

calls = 0

def deadly(original):
    def call(*args, **kwargs):
        global calls
        calls += 1
        number = calls
        try:
            return original(*args, **kwargs)
        finally:
            if number == when:
                os.kill(os.getpid(), signal.SIGKILL)
    return call
"""
