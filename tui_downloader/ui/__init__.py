"""The terminal interface; the only package that imports Textual.

    app, run, parts             joins everything; one run of it; what the main screen is given
    desk                        what the main screen and all commands share
    dress                       how it looks: themes, and the sizes that stylesheets know
    engine_life                 the engine entered and left
    file_looks                  finished files, looked at while their rows are seen
    feed                        snapshots of the queue at a bounded rate
    preloading                  what dialogs need, loaded while nobody waits
    background, crash, quitting work beside; a failure in good order; leaving, however it is wanted

Rooms:

    screens, widgets            what fills a window or lies over the list; what those are made of
    view                        what is shown, and how: plain data and text, no widgets
    commands                    what a command is, all of them, and which keys they have
    actions                     what they do
    adding                      from a paste to what is wanted of the queue; edits
    settings                    settings, and where they hold
    terminal                    keys, pastes and the mouse; what the terminal is told
"""

import os

# Textual reads this once, when it is first imported: keys are painted sooner at 120 than at 60.
os.environ.setdefault("TEXTUAL_FPS", "120")
