"""What starts and ends the programs of a deployment: commands, a container engine, Kubernetes."""
