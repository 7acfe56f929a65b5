"""Describe the website: its URLs, the labels of its statistics and the format of its cells."""
