"""Rules of the family `docker_in_docker`."""
