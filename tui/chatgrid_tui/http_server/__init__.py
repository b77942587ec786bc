"""HTTP/1.1 on the loopback interface, for the demo bots and other servers of this program."""
