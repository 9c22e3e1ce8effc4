"""The widgets of screens: each is given data, draws it, and posts what the user wants.

Modules:
    queue, row_strips           the list of downloads; its lines, drawn
    details                     the panel of one download
    frame, lines, filter_bar    the lines around the list; a few lines of text; the filter's field
    preview, link_box           what becomes of each pasted link; where lines are typed
    add_fields                  what holds for all of them
    folder_input, check         a field for a folder; a choice of yes or no
    pick_list, entry_card       a long list to choose from; one setting
    box, roles                  the frame of a dialog; roles of text as styles
"""
