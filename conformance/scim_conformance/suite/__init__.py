"""The checks, one module per group of sections. A module in this package is part of the suite."""
