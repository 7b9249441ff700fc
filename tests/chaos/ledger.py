"""What was asked for, and what was said about it."""

import time
from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Ledger:
    """Of one timeline. `acked`: gesture id → version; `refused`: gesture id → code; `sent`: every id there was."""

    sent: set = field(default_factory=set)
    acked: dict = field(default_factory=dict)
    refused: dict = field(default_factory=dict)
    without_effect: set = field(default_factory=set)
    duplicates: int = 0
    waits_ms: list = field(default_factory=list)
    last_ack: float = field(default_factory=time.monotonic)
    longest_outage_s: float = 0.0

    def asked(self, ids):
        self.sent.update(ids)

    def settled(self, results, asked_at):
        """The results of a push, undo or redo that was asked for at a time."""
        now = time.monotonic()
        self.waits_ms.append((now - asked_at) * 1000)
        for result in results:
            assert result.gesture_id in self.sent, f"a result for {result.gesture_id}, which nobody asked for"
            if not result.ok:
                self.refused[result.gesture_id] = result.code
            elif result.version is None:
                self.without_effect.add(result.gesture_id)
            else:
                known = self.acked.setdefault(result.gesture_id, result.version)
                assert known == result.version, f"{result.gesture_id}: first version {known}, then {result.version}"
        self.longest_outage_s = max(self.longest_outage_s, now - self.last_ack)
        self.last_ack = now

    def codes(self):
        return Counter(self.refused.values())
