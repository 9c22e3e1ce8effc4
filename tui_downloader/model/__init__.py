"""What a download is and what may happen to it: plain Python, no I/O, no clock, no event loop.

Modules are imported by name (`from tui_downloader.model.status import Status`), so that a
command-line run loads only what it uses.

A download:
    download, status, errors    what is asked for and shown; its states; what can go wrong
    passport, identity          the record of a partial; what tells one file from another
    naming, edits               safe file names; which one a file has that is wanted differently
    digests, checksum_files     what a file must hash to; published checksums
    start_times, daytimes       when it may start; limits by time of day

Bytes and connections:
    answers, http               what an answer means; the header fields that decide it
    statuses                    those that are no file, in words
    ranges, segments            sets of bytes; who has borrowed which
    ramp, shares, settled_count     how many connections pay; how they are shared; when that is told
    retry, deadline             when a fault is tried again; the end of a wait
    speed, slowness             throughput and time left; why it is not more

Texts:
    text, units                 text from outside, cleaned; sizes, rates and times
    links                       what a pasted text means
"""
