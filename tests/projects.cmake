# Tests of the repository itself rather than of what a program computes.
