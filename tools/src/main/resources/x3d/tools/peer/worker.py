"""How a peer of x3d-tools bench answers: it prints 'ready'; each line 'run' on its input is one round, answered by a line of
JSON; 'quit' or the end of the input ends it."""
import json
import sys
import time


def serve(work, device_peak=lambda: None):
    """Does rounds of work, a function that returns how many items it did; device_peak tells bytes of an accelerator."""
    print('ready', flush=True)
    for line in sys.stdin:
        if line.strip() == 'quit':
            break
        start = time.perf_counter()
        items = work()
        seconds = time.perf_counter() - start
        answer = {'seconds': seconds, 'items': items, 'peak_rss_bytes': peak_rss(), 'peak_device_bytes': device_peak()}
        print(json.dumps(answer), flush=True)


def peak_rss():
    """The most memory that this process has had, in bytes; null where the system does not say."""
    try:
        with open('/proc/self/status') as status:
            return next(int(line.split()[1]) * 1024 for line in status if line.startswith('VmHWM:'))
    except (OSError, StopIteration):
        return None
