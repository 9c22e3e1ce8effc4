"""Requests, connections and bodies. What is particular to aiohttp is known here.

Requests:
    client, answer              one session; what comes of a request
    loading                     both loaded late, with aiohttp
    access, digest_login        who may see which secret; a login that hides the password
    attempts                    stale connections
    lookups, proxies            which machine a name leads to, and is kept to; the way by a proxy
    trust, certificates         whose certificates are believed; since when one is expired
    watching, multipart         what aiohttp does not tell of an answer; one part in a multipart
    network_faults              foreign exceptions become ours
    hosts, network              what is known of hosts; whether there is a way to them
    request_rates               which hosts refuse requests that come too soon; whose turn it is

Bodies:
    body, stream_body           the bytes of an answer: read through aiohttp
    direct_body, buffers        and past it, into reused memory
    loan, tap, channels         and past the event loop: a socket lent to the thread that writes
    tls_sessions                the same over TLS
    limiter, body_faults        speed limits; what may go wrong with a body
"""
