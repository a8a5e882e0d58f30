"""Tests of the transport, over real sockets where there are any."""
