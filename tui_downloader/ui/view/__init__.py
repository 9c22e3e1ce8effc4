"""What is shown, as plain data and text with roles; no widgets.

Modules:
    board, lens                 the queue at one moment; its view, filter and order
    filtering, patterns         the filter language; regular expressions in bounded time
    sorting, sort_keys, marks   sorting; the columns to sort by; which downloads are marked
    bars, viewline, footer      the lines around the list: header and summary, views, keys
    pieces                      what lines are made of: text with roles, places to click
    rows, columns               a row of the list; its columns
    words, ended_words, phrases messages of rows; those of ended downloads; parts of both
    context                     what messages depend on besides the download
    returns                     what is among the rows again, and the highlight elsewhere
    fates                       finished files that were moved, changed or deleted since
    reasons, remedies           failures and limits in words, with the keys that help
    details_lines               the details panel, tab by tab
    details_facts, details_graph, details_map    its tabs of facts, its graph, the map of the file
    details_parts, chart        what these tabs share; speeds with scale and time
    room                        what a short list lends to what stands below it
    cells, figures, rates       text measured in cells; formats of numbers; speeds for graphs
    glyphs, ascii, hyperlinks   the characters to draw with; ASCII only; clickable text
    steady                      emoji in signs that all terminals give as many cells
    theme, contrast             themes; readable colours
    toasts, log_lines           short messages; what is said in them and in the log, made to fit
"""
