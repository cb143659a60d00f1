"""What all services stand on: contracts and mechanism; no service and no rule of the field."""
