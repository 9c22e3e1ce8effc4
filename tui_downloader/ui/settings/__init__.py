"""Settings in the interface; the file itself is `store.settings`.

Modules:
    preferences, live_settings  checked and saved; those that hold at once
    settings_file, hand_edits   the file, changed by others during a run; what of it, in words
    setting_entries             lines of the settings screen
"""
