"""Writing bytes to disk, and giving files their names.

    disk, disk_faults           threads for blocking calls; errors of the file system translated
    direct_io                   writing past the page cache where that is quicker
    room, free_space            whether a file fits; the free space shown in the header

Partials:
    partial, written, samples   one partial; an account of its writes; bytes still to be compared
    opening, part_files, holes  finding and creating them; their files; zeros in an old copy
    owned_files, passed_over    which files belong to a download; why a part is left alone
    orphans, set_aside          partials of earlier runs, by address; parts set aside (.part.old)
    decoding                    undoing a Content-Encoding in a complete partial

Names:
    destination, names          where a download goes, and what to do when its name is taken; which
                                names downloads have taken
    renaming, moving            renaming without replacing; moving all files of a download
    replaced                    files that finished ones replaced, kept while that can be undone

Small files:
    small_files, batches        complete files in memory, written in batches
    unnamed, writer             files without a name until complete; a process that writes files
    writer_process              the program of that process
"""
