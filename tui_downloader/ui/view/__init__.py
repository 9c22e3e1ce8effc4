"""What is shown, and how: plain data and text, no widgets.

Modules:
    board, lens                 the queue at one moment, as the user looks at it
    filtering, patterns         the filter language; regular expressions in bounded time
    sorting, sort_keys, marks   orders; what they are called; which downloads are marked
    bars, viewline, footer      the lines around the list: header and summary, views, keys
    pieces                      what lines are made of: text with roles, places to click
    rows, columns               a row of the list; where its columns stand
    words, ended_words, phrases its message; that of one that has ended; what both are made of
    context                     what words depend on besides what they are about
    fates                       what became of a finished file since, in words
    reasons, remedies           failures and what holds back, in words with the keys that help
    details_lines               the panel, tab by tab
    details_facts, details_graph, details_map    its tabs of facts, its graph, the map of the file
    details_parts               what these share
    cells, figures, rates       text measured in cells; numbers; the last speeds, for graphs
    glyphs, ascii, hyperlinks   the characters; none but ASCII; text that opens an address
    theme, contrast, toasts     colours; that can be read; short messages
"""
