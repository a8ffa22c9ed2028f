"""From paths to reports: which files, in what processes, from earlier results."""
