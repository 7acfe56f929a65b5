"""Build the digest of one recipient from the database and the detection results."""
