"""Many pictures, one after the other: nothing lost, nothing half-written, the rest goes on."""
