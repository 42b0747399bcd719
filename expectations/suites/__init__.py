"""What must hold: ``inbound`` from the contracts, ``staging`` of their latest rows, ``outbound`` of what is published."""
