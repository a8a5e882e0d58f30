"""Tests of the values that wait, with time handed in."""
