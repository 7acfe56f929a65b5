"""Which pages, in what order. No parsing, no judging: that is the pipeline's."""
