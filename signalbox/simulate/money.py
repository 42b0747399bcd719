"""The money rules of the simulated retailer, in whole cents.

Belongs here: rounding, tax, currency and pro-rata arithmetic, and the one statement of which event posts what and when.
Not here: who buys what.

Rules (the KPI models tie to ``gl_posting`` by them)
 1. Amounts are whole cents of the transaction currency; rounding is half away from zero, once a row.
 2. Channel prices include tax. Line: gross = quantity x unit price; paid = gross - discount_amount (both tax included);
    paid ex tax = round(paid / (1 + rate)); tax_amount = paid - paid ex tax; gross ex tax = round(gross / (1 + rate));
    discount ex tax = gross ex tax - paid ex tax = sum of the line's ``discount_allocation`` rows.
    The rate is that of tax code ``<ship-to country>-<tax category>``; tills use the store's country.
 3. Order: total_amount = sum(gross - discount) + shipping_amount (tax included); tax_amount = sum of the lines' tax +
    tax of shipping (standard rate of the ship-to country). ``tax_line`` holds the lines' tax only, so shipping ex tax =
    shipping_amount - (order tax_amount - sum of line tax_amount).
 4. A line that leaves in parts: part k carries round(A x q_1..k / Q) - round(A x q_1..k-1 / Q) of an amount A.
 5. Reporting currency: every amount of an order (sale, discount, shipping, refund, payment and marketplace fee) takes
    the rate of the reporting day of order_ts; a till transaction that of transaction_ts (tills are in EUR).
    Each row is converted and rounded by itself, then summed.
 6. Postings (reporting day of the timestamp named), sign: positive raises contribution
      revenue           gross ex tax of units shipped (shipped_ts), collected (collected_ts), sold at a till
      (transaction_ts) discount          - discount ex tax of the same units at the same time, funded or not
      supplier_funding  + the supplier-funded part of that discount
      cogs              - round(units x unit cost): item_cost valid on the posting's reporting day, landed, else
                        standard; + the same for returned units at their ``received`` event, whatever becomes of them
      return_writedown  - round(units x unit cost) of returned units at their ``disposed`` event, disposition scrap only
      refund            - (amount - tax_amount) of ``refund`` rows at refund_ts; nothing else reverses revenue (till
                        transactions of type return post no revenue, their refund row does)
      shipping_revenue  shipping ex tax at the order's first shipment or collection
      fulfilment        - round(units x rate) for each of pick and pack (dc, store) or 3pl (3pl), at shipment or
                        collection; drop-ship nodes cost nothing
      freight           - shipment_cost.amount at cost_ts
      payment_fee       - fee_amount of captures at event_ts and of till tenders at transaction_ts
      marketplace_fee   settlement lines of type fee at posted_ts (negative); without an order: that day's rate
      return_handling   - round(units x rate) at the ``received`` event, rate of the receiving location's type
    Legal entity: orders post in DE01; till transactions and what follows from them in the store's legal entity.
    Cancelled units post nothing, because captures and invoices happen at shipment or collection.
 7. captures of an order = its invoice lines (net + tax); the invoice line without sku is the shipping charge.
"""

from __future__ import annotations

import numpy as np


def div(value: np.ndarray, by: np.ndarray | int) -> np.ndarray:
    """Integer division rounded half away from zero; ``by`` positive."""
    value = np.asarray(value, dtype=np.int64)
    return np.sign(value) * ((2 * np.abs(value) + by) // (2 * np.asarray(by, dtype=np.int64)))


def ex_tax(amount: np.ndarray, rate_bp: np.ndarray) -> np.ndarray:
    """The part of tax-included cents that is not tax; ``rate_bp`` = rate in basis points."""
    return div(np.asarray(amount, dtype=np.int64) * 10_000, 10_000 + np.asarray(rate_bp, dtype=np.int64))


def part(amount: np.ndarray, before: np.ndarray, upto: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Share of ``amount`` for units ``before``..``upto`` of ``whole`` (rule 4)."""
    return div(amount * upto, whole) - div(amount * before, whole)


def to_reporting(cents: np.ndarray, rate_e6: np.ndarray) -> np.ndarray:
    """Cents in reporting currency; the rate in millionths."""
    return div(np.asarray(cents, dtype=np.int64) * rate_e6, 1_000_000)


def cost(units: np.ndarray, unit_e4: np.ndarray) -> np.ndarray:
    """Cents of ``units`` at a unit amount in ten-thousandths."""
    return div(np.asarray(units, dtype=np.int64) * unit_e4, 100)
