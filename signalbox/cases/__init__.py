"""Casework: what people do with exceptions, by the policy's rules, told in a log that can be proved.

Belongs here: cases, approvals, handling time, the log, rights. The tower proposes and never posts: nothing here reaches
another system. Not here: when an exception opens or closes (the controls of the dbt project), or how a page shows it.
"""
