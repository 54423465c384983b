"""What the peers in this folder tell the test that started them: one JSON object per line of standard output."""

import json
import sys
import threading


class Progress:
    """What the peer has seen so far. The keys are those of the test page's player."""

    def __init__(self):
        self._lock = threading.Lock()
        self._seen = {"connectionState": "new", "framesDecoded": 0, "width": 0, "brightness": 0, "audioEnergy": 0}

    def update(self, **news):
        with self._lock:
            self._seen.update(news)
            self._print()

    def picture(self, width, luma):
        """Counts a decoded picture; `luma` is its brightness plane, in which black is 16 and white 235."""
        brightness = max(0, sum(luma) / len(luma) - 16) * 255 / 219
        with self._lock:
            self._seen["framesDecoded"] += 1
            self._seen["width"] = width
            self._seen["brightness"] = brightness
            self._print()

    def sound(self, samples):
        """Adds the energy of decoded samples, which are 16-bit integers."""
        with self._lock:
            self._seen["audioEnergy"] += sum((sample / 32768) ** 2 for sample in samples)

    def _print(self):
        print(json.dumps(self._seen), flush=True)


def on_abandoned(leave):
    """Calls `leave` when standard input ends, which it does even if the test is killed."""

    def wait():
        sys.stdin.read()
        leave()

    threading.Thread(target=wait, daemon=True).start()
