"""What the scripts that write golden vectors share."""

import sys
from pathlib import Path


def write_or_check(script, path, text):
    """Writes the text to the path; with --check it compares instead, and fails where they differ."""
    if sys.argv[1:] != ["--check"]:
        path.write_text(text)
    elif path.read_text() != text:
        sys.exit(f"{path.name} is not what {Path(script).name} writes")
