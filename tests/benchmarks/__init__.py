"""The benchmarks: what they load, how they measure, what they say. Never how fast anything is."""
