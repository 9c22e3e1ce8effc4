"""Settings in the interface; the file itself is `store.settings`.

Modules:
    preferences, live_settings  checked and saved; those that hold at once
    setting_entries             lines of the settings screen
"""
