"""A loopback proxy that shows what goes over the wire between other clients and a service."""
