"""The device side of the Alibaba Cloud IoT Platform, free of Home Assistant.

`protocol` is pure: it reads no clock, draws no random number and opens nothing. `outbox` holds what waits for
confirmation. `transport` owns the sockets. `device.Device` is the face of it all.

Section numbers in docstrings name the chapters of the platform's documentation for device access ("Link SDK" and
"Alink protocol"), as far as there are any.
"""
