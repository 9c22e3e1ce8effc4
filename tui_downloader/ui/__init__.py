"""The terminal interface. Everything that knows Textual is in here."""

import os

# Textual reads this once, when it is first imported: keys are painted sooner at 120 than at 60.
os.environ.setdefault("TEXTUAL_FPS", "120")
