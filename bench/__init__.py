"""Benchmarks: each program prints `ratio N.NN` last (cost over its floor)."""
