"""What a download is and what may happen to it: plain Python, no I/O, no clock, no event loop.

Modules are imported by name (`from tui_downloader.model.status import Status`), so that a
command-line run loads only what it uses.

A download:
    download, status, errors    the request and what is shown; its states; what can go wrong
    events                      what the log and notifications are told
    passport, identity          the record of a partial; how a file is recognised
    naming, own_names, edits    safe file names; those of the program's own files; the name of a
                                file after an edit
    proxy                       the proxy of one download
    digests, checksum_files     expected digests; published checksums
    start_times, daytimes       when it may start; speed limits by time of day

Bytes and connections:
    answers, http               what an answer means; the header fields that decide it
    statuses, media_types       HTTP status codes in words; the type that a name promises
    ranges, segments            sets of bytes; which range is lent to which connection
    ramp, window, gusts         how many connections pay off; what is measured for that; silences
                                that show room for more
    ceiling, request_rate       how many connections a server accepts, and how soon the next request
    crowd                       whether a host refuses a download for others that it serves
    fairness                    whose turn it is to receive something under a speed limit
    shares, settled_count       dividing connections between downloads; when their number is logged
    retry, deadline             which faults are tried again; the end of a wait
    speed, slowness             throughput and time left; what limits the speed

Texts:
    text, units                 cleaning text from outside; sizes, rates and times
    links                       what a pasted text means
"""
