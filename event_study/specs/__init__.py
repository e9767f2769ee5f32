"""What is estimated, as data: the model of a specification, and one YAML file a spec."""
