#!/usr/bin/env python3
"""Many clients at once, some hanging up at random; then what the server's memory and open files did.

    python3 scripts/server/soak.py http://127.0.0.1:5080 --pid PID [--clients 64] [--minutes 10] [--seed 1]

Greedy answers must all be the same text for the same prompt, none may be lost, RSS must end within 5 % of where it was after the first tenth, and no
handles may be left. Needs Python 3 alone, and Linux for --pid. Exit code 1 when anything was wrong.
"""
import argparse, http.client, json, os, random, sys, threading, time, urllib.parse

def rss(pid):
    with open(f"/proc/{pid}/status") as status: return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))

def ready(base):
    connection = http.client.HTTPConnection(base.hostname, base.port)
    try:
        connection.request("GET", "/health/ready")
        return connection.getresponse().status == 200
    finally: connection.close()

def handles(pid): return len(os.listdir(f"/proc/{pid}/fd"))

def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("url"), arguments.add_argument("--pid", type=int, required=True)
    arguments.add_argument("--clients", type=int, default=64), arguments.add_argument("--minutes", type=float, default=10), arguments.add_argument("--seed", type=int, default=1)
    options = arguments.parse_args()
    base, end = urllib.parse.urlparse(options.url), time.time() + 60 * options.minutes
    texts, wrong, counts, lock = {}, [], {"whole": 0, "cut": 0, "refused": 0}, threading.Lock()
    def work(number):
        rng = random.Random(options.seed * 1000 + number)
        while time.time() < end:
            prompt, tokens, stream = rng.choice(["Once upon a time", "The", "A man ran", "x" * 40]), rng.randint(1, 48), rng.random() < 0.7
            connection = http.client.HTTPConnection(base.hostname, base.port, timeout=300)
            try:
                connection.request("POST", "/generate", json.dumps({"prompt": prompt, "max_new_tokens": tokens, "temperature": 0, "stream": stream}), {"content-type": "application/json"})
                if rng.random() < 0.3:
                    time.sleep(rng.random() * 0.2)
                    with lock: counts["cut"] += 1
                    continue
                answer = connection.getresponse()
                body = answer.read().decode()
                if answer.status == 429:
                    with lock: counts["refused"] += 1
                    time.sleep(0.5)
                    continue
                if stream:
                    events = [event.split("\n") for event in body.strip().split("\n\n")]
                    if events[-1][0] != "event: end": raise ValueError(f"a stream ended with {events[-1]}")
                    text = "".join(json.loads(lines[1][6:])["text"] for lines in events[:-1])
                else: text = json.loads(body)["text"]
                with lock:
                    counts["whole"] += 1
                    if texts.setdefault((prompt, tokens), text) != text: wrong.append(f"{prompt!r}, {tokens} tokens: another text than before")
            except Exception as error:
                with lock: wrong.append(repr(error))
            finally: connection.close()
    ready(base)
    before = handles(options.pid)
    threads = [threading.Thread(target=work, args=(number,)) for number in range(options.clients)]
    for thread in threads: thread.start()
    time.sleep(6 * options.minutes)
    start_rss = rss(options.pid)
    for thread in threads: thread.join()
    time.sleep(3)
    grown, left = rss(options.pid) / start_rss - 1, handles(options.pid)
    if grown > 0.05: wrong.append(f"RSS grew by {100 * grown:.1f} % after the first tenth")
    if left > before + 8: wrong.append(f"{left} handles are open, {before} were before")
    if not ready(base): wrong.append("not ready afterwards")
    for line in wrong[:20]: print(line, file=sys.stderr)
    print(f"{counts}; RSS {100 * grown:+.1f} % since the first tenth ({start_rss // 1024} MB); {left} handles ({before} before); {len(wrong)} wrong")
    sys.exit(1 if wrong else 0)

main()
