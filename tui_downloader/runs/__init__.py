"""What runs with and without the interface share. Nothing here knows Textual.

Its end and its terminal:
    signals, last_words         told to end; what is said of a crash
    patient_file                output that nobody may read

Its memory:
    garbage_collector           kept away from what stays

Its settings:
    limit_clock                 the speed limit follows the time of day
"""
