"""One download, from its first request to its last byte.

What is known of it:
    download, facts, progress   the record of it: what was asked, what the server told, how it goes
    download_log, details       its log in words; what only the panel shows
    names                       which names are taken

One run:
    transfer, tools             the run; what it works with
    holdings                    what it has on disk
    asking, request_plan        requests and what answers mean; what to ask for next, and how
    sources, waiting            mirrors; what follows after a fault
    finishing                   count, undo a coding, compare digests, flush, name
    checksum, bad_files         hashing in slices; files that have a wrong digest, kept beside

Its connections:
    connections, connection     all that are open to its servers; one of them
    connection_count, estimates how many there should be; what they may be expected to do
    throttling                  what the program puts in the way: limits, a slow disk
    receiving, recorder         from a body to the partial; the passport is kept true meanwhile

Beside it:
    proving, checksum_scout     whether a mirror has the same file; checksums published beside it
    sizes                       how large a file is, before it is wanted
"""
