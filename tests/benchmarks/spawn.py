"""Starts one command, waits for it, and tells what it used: wall s, CPU s, peak KiB, exit code.

    python -I -S spawn.py DESCRIPTOR COMMAND [ARGUMENT ...]

It stands between the benchmark and the command because the kernel counts a parent's memory as its
child's peak until the child has started its program: the parent has to be small. So it imports
nothing that is not needed.
"""

import os
import sys
import time


def main() -> None:
    """Run the command; write what it used to the open descriptor of that number."""
    answer_to, command = int(sys.argv[1]), sys.argv[2:]
    os.set_inheritable(answer_to, False)
    began_at = time.monotonic()
    child = os.posix_spawnp(command[0], command, os.environ)
    _, status, usage = os.wait4(child, 0)
    wall_s = time.monotonic() - began_at
    code = os.waitstatus_to_exitcode(status)
    cpu_s = usage.ru_utime + usage.ru_stime
    os.write(answer_to, f"{wall_s} {cpu_s} {usage.ru_maxrss} {code}".encode())


if __name__ == "__main__":
    main()
