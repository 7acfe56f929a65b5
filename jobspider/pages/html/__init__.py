"""Convert the bytes of an HTML page to an outline: headings, rows and lists in reading order."""
