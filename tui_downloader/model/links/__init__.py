"""Parses pasted texts, lists and copied commands into links with options.

Modules:
    links, link, link_options   a whole text; one link of it; its options
    addresses                   the parts of an address, and whether it can be requested
    equivalence                 whether two spellings are the same address
    found_addresses, file_names     addresses and paths in a line
    markdown_links, html_links  links of Markdown, and of HTML among other lines
    metalink                    Metalink files
    command_lines, fetch_calls  commands of curl, wget and aria2c; calls that browsers copy
    command_options, shell_words    their options; splitting them into words
    command_proxies             what they say of proxies
    proxy_options               what the options of proxies mean together
"""
