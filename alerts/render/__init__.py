"""Render digests for each medium. Pure functions; what is reported was decided before."""
