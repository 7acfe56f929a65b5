"""What is known of the website: its addresses, the labels of its statistics and the format of its cells."""
