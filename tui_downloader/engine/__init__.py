"""Downloads carried out; what is named here is all that other layers use.

Importing this package does not load aiohttp: entering an `Engine` does, in a thread.

The queue:
    engine, options             wishes and snapshots; what a run of the program is told at its start
    parts, tools                all parts, joined, from start to end; what a transfer works with
    roster, queue_order         the list; its order
    scheduler, dispatcher       who is next; gives it a task
    line, due_times             who stands in line, by what holds them back; who waits for a time
    entries, journal, leftovers queue.db: what it keeps, its one writer, what may be deleted then
    snapshots, events           what others see: the whole list at one moment, rare facts
    removals, restarts, editor  undone removals and restarts; downloads that are wanted differently

One download:
    download, facts, progress   the record of it: what was asked, what the server told, how it goes
    download_log, details       its log in words; what only the panel shows
    download_tasks, filing      its task; files that no run has in hand
    grace_periods               parts that are deleted a bit later
    transfer                    one run from the first request to the final name
    holdings, destination       what the run has on disk; where that goes
    names                       which names are taken
    asking, request_plan        requests and what answers mean; what to ask for next, and how
    sources, waiting            mirrors; what follows after a fault
    connections, connection     all that are open to its servers; one of them
    connection_count, estimates how many there should be; what they may be expected to do
    throttling                  what the program puts in the way: limits, a slow disk
    receiving, recorder         from a body to the partial; the passport is kept true meanwhile
    proving, checksum_scout     whether a mirror has the same file; checksums published beside it
    sizes                       how large a file is, before it is wanted
    finishing, decoding         count, undo a coding, compare digests, flush, name
    checksum, recheck           hashing in slices; files with a wrong digest, hashed again
    bad_files                   kept beside until then
    replaced                    files that finished ones took the names of, while that may be undone

The network:
    client, access, attempts    one session; who may see which secret; stale connections
    lookups                     names of hosts, in threads of their own
    trust, certificates         whose certificates are believed; since when one is expired
    watching, multipart         what aiohttp does not tell of an answer; one part in a multipart
    body, stream_body           the bytes of an answer: read through aiohttp
    direct_body, buffers        and past it, into reused memory
    loan, tap, channels         and past the event loop: a socket lent to the thread that writes
    tls_sessions                the same over TLS
    limiter, body_faults        speed limits; what may go wrong with a body
    network_faults, clock       foreign exceptions become ours; the clock that waits go by
    hosts                       what is known of them
    silent_hosts, slow_connects those to which no connection comes about; downloads without one
    network, offline, outages   whether there is a way out; who waits for one; both joined

The disk:
    disk, disk_faults           threads for what blocks; refusals become ours
    room, free_space            whether a file fits; what is free, for the header
    full_disks, hung_disks      who waits for room; who waits for a disk that does not answer
    partial, written, samples   one partial; what its writing threads know; bytes to be compared
    opening, part_files, holes  found or made; files of such names; what a copy of it lacks
    owned_files                 which of those are ours
    orphans, set_aside          partials of earlier runs, by address; those that started over
    renaming, moving            names given without replacing; everything of a download moved
    small_files, batches        whole files in memory, written in batches
    unnamed, writer             without a name until they are whole; by a process of our own
    writer_process              that process
"""

from tui_downloader.engine.engine import Engine
from tui_downloader.engine.events import EngineEvent, EventFeed, EventKind
from tui_downloader.engine.options import EngineOptions, Move

__all__ = ["Engine", "EngineEvent", "EngineOptions", "EventFeed", "EventKind", "Move"]
