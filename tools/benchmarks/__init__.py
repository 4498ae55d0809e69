"""Benchmarks of nac; ``tools/benchmark`` runs them."""
