"""Build and render the HTML report of stored snapshots."""
