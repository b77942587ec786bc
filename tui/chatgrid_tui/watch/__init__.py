"""A proxy on the loopback interface that shows what goes over the wire between other clients and a service."""
