"""One download, from its first request to its last byte.

What is known of a download:
    download, facts, progress   its mutable record; what its server said; bytes and speeds of a run
    showing, details            what the list shows of it; what only the details panel shows
    download_log                its log, as sentences

One run:
    transfer, tools             the run itself; what the engine gives to every run
    holdings                    the partial file: found, created or started over
    asking, request_plan        sending requests and judging answers; what to request next
    request_steps               how far a request is, and where redirects lead
    sources, waiting            the address and its mirrors; waiting or giving up after a fault
    turns, place                waiting for one's turn where requests may not come too soon; the
                                place among the downloads that a host serves at once
    finishing                   count, decode, compare the digest, flush, rename
    checksum, verdict           hashing in slices; what the digest says of a finished file
    bad_files                   files with a wrong digest, kept as NAME.bad

Its connections:
    connections, connection     all open connections of one download; one of them
    connection_count, estimates how many there should be; what they can be expected to achieve
    throttling                  whether a speed limit or a slow disk holds the download back
    receiving, recorder         from a body to the partial file; keeping the passport up to date

Beside it:
    proving, comparing          whether a mirror has the same file, and whether a server still has
                                it, where only bytes tell
    checksum_scout              published checksums
    sizes                       the size of a file before it is added
"""
