"""The transport: the only modules that open sockets."""
