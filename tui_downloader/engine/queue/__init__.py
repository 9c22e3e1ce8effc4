"""All downloads: the list, who runs next, and what holds downloads back.

The list:
    roster, queue_order         the list; its order
    scheduler, dispatcher       who is next; gives it a task
    download_tasks, wish        these tasks; what is to follow when one has ended
    filing, wrong_files         files of downloads that have no task; those with a wrong digest
    entries, journal, leftovers queue.db: what it keeps, its one writer, what may be deleted then
    returning                   what it kept comes back into the list
    snapshots, ended_throughput what others see: the whole list at one moment; what of its
                                throughput no row has any more
    removals, restarts, earlier undone removals and restarts; how a download was finished before
    editor                      downloads that are wanted differently
    grace_periods               parts that are deleted a bit later
    comparisons, recheck        whole files compared with digests; those with a wrong one again

Who is held back:
    line, due_times             who stands in line, by what holds them back; who waits for a time
    silent_hosts, slow_connects hosts to which no connection comes about; downloads without one
    offline, outages            who waits for the network; what becomes of the others then
    crowded_hosts               who waits until a host has room for one more
    full_disks, hung_disks      who waits for room; who waits for a disk that does not answer
"""
