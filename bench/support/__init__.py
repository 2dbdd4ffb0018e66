"""What the benchmark suite is made of."""
