"""What must hold of what is delivered (``inbound``, from the contracts) and of what is published (``outbound``)."""
