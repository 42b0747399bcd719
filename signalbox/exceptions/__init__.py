"""The exception queue as it is read: lists, worth first, and one exception with its evidence.

Belongs here: reading ``fct_exception`` and its catalogue. Not here: when an exception opens or closes (the
controls of the dbt project) and what people do with it (``signalbox.cases``).
"""

from signalbox.exceptions.queue import FILTERS, STATUSES, list_exceptions, show_exception

__all__ = ["FILTERS", "STATUSES", "list_exceptions", "show_exception"]
