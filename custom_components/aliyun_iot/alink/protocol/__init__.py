"""The platform's protocol: messages written and answers read, without any input or output."""
