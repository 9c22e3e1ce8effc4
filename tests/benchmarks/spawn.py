"""Starts one command, waits for it, and tells what it used: wall s, CPU s, peak KiB, exit
code, and when it ended by the system-wide monotonic clock.

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
    ended_at = time.monotonic()
    code = os.waitstatus_to_exitcode(status)
    cpu_s = usage.ru_utime + usage.ru_stime
    told = (ended_at - began_at, cpu_s, usage.ru_maxrss, code, ended_at)
    os.write(answer_to, " ".join(map(str, told)).encode())


if __name__ == "__main__":
    main()
