"""Virtual cameras and simulated restorations: random for training, named for benchmarks."""
