"""Yardsticks: printed with machine and versions, never a test."""
