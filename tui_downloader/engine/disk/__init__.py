"""How bytes come to the disk, and files to their names.

    disk, disk_faults           threads for what blocks; refusals become ours
    direct_io                   bytes to their place, past the page cache where that can be
    room, free_space            whether a file fits; what is free, for the header

Partials:
    partial, written, samples   one partial; what its writing threads know; bytes to be compared
    opening, part_files, holes  found or made; files of such names; what a copy of it lacks
    owned_files                 which of those are ours
    orphans, set_aside          partials of earlier runs, by address; those that started over
    decoding                    a coding that was not asked for, undone in a whole one

Names:
    destination                 where a download goes
    renaming, moving            names given without replacing; everything of a download moved
    replaced                    files that finished ones took the names of, while that may be undone

Small files:
    small_files, batches        whole files in memory, written in batches
    unnamed, writer             without a name until they are whole; by a process of our own
    writer_process              that process
"""
