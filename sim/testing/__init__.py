"""Contract tests for what others write: run them on your own class, in your own test suite.

    from sim.testing import check_mechanism, check_policy

    def test_lottery():
        check_mechanism(Lottery, params={"share": 0.1}, set={"mechanisms.crm.enabled": True})

Both raise :class:`ContractBroken` naming every promise that is not kept, and give the list of those that are.
"""

from sim.testing.mechanism import check_mechanism
from sim.testing.policy import check_policy
from sim.testing.promises import ContractBroken

__all__ = ["ContractBroken", "check_mechanism", "check_policy"]
