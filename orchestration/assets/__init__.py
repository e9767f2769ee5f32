"""Dagster assets, one module a stage. Each op reads inputs, calls one function, writes, and tells."""
