"""The tests, the emulator and the demo: code of this repository that users do not download."""
