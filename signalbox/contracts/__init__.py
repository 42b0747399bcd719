"""Data contracts: one typed reading of ``data/contracts`` for landing, suites, dbt sources and the simulator."""

from signalbox.contracts.model import Column, Entity
from signalbox.contracts.read import CONTRACTS_DIR, ContractError, load_contracts, read_contract

__all__ = ["CONTRACTS_DIR", "Column", "ContractError", "Entity", "load_contracts", "read_contract"]
