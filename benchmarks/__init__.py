"""What is measured, and what was measured last."""
