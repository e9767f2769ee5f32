"""Stand-ins for the services that a fetch asks: one server for all hosts, and what goes wrong with it."""
