"""Measures speed, memory and retrieval, beside the plain recipe, in one run. Not part of the tests."""
