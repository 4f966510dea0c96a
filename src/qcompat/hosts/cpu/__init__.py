"""CPUs on hosts: what a build offers on a host, what a guest gets, what all hosts share."""
