"""From the bytes of an HTML page to an outline: its headings, rows and lists in reading order."""
