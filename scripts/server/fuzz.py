#!/usr/bin/env python3
"""Sends malformed requests, made from the server's own OpenAPI document, and checks every answer.

    python3 scripts/server/fuzz.py http://127.0.0.1:5080 [--count 10000] [--seed 1] [--threads 8]

No answer may be 5xx but 501 and 503, the connection must never break, every 400 must name the field that was changed, and the server must be
ready afterwards. Needs Python 3 alone. Exit code 1 when anything was wrong.
"""
import argparse, collections, copy, http.client, json, random, sys, threading, urllib.parse

def ask(base, method, path, body=None, headers=None):
    connection = http.client.HTTPConnection(base.hostname, base.port, timeout=120)
    try:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        return answer.status, answer.getheader("content-type") or "", answer.read()
    finally:
        connection.close()

def resolve(document, schema):
    while "$ref" in schema or "allOf" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]] if "$ref" in schema else {**schema["allOf"][0], **{k: v for k, v in schema.items() if k != "allOf"}}
    return schema

STRANGE = [None, True, 0, -1, 1.5, 1e308, -1e308, 2**63, 2**64, "", "x", "\u0000", "\ud83d", "😀" * 50, [], [[]], [None], [1, "a"], {}, {"a": 1}, "a" * 5000]

def takes(document, schema, value):
    """Whether the document allows the value; None where it cannot tell."""
    nullable, schema = schema.get("nullable", False), resolve(document, schema)
    if value is None: return nullable or schema.get("nullable", False)
    if "anyOf" in schema: return None if isinstance(value, (str, list)) else False
    kind = schema.get("type")
    if kind == "boolean": return isinstance(value, bool) and value in schema.get("enum", [True, False])
    if isinstance(value, bool): return False
    if kind in ("integer", "number"):
        if not isinstance(value, (int, float)) or (kind == "integer" and value != int(value)): return False
        low, high = schema.get("minimum"), schema.get("maximum")
        if low is not None and (value < low or (value == low and schema.get("exclusiveMinimum"))): return False
        if high is not None and value > high: return False
        return None  # other fields may matter
    if kind == "string":
        if not isinstance(value, str) or any(0xD800 <= ord(c) < 0xE000 for c in value): return False
        if "enum" in schema and value not in schema["enum"]: return False
        return False if len(value) > schema.get("maxLength", 1 << 40) or len(value) < schema.get("minLength", 0) else None
    if kind == "array":
        if not isinstance(value, list) or not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", 1 << 40): return False
        items = [takes(document, schema["items"], item) for item in value]
        return False if False in items else None
    if kind == "object": return None if isinstance(value, dict) else False
    return None

def mutate(rng, document, schema, body):
    """A changed copy, and the field that must be named; None where the change may be allowed."""
    body, schema = copy.deepcopy(body), resolve(document, schema)
    how = rng.randrange(4)
    if how == 0:
        name = "".join(rng.choice("abcdefghijklmnop_XYZ.$'[]") for _ in range(rng.randint(1, 30)))
        if name in schema["properties"]: return body, None
        body[name] = rng.choice(STRANGE)
        return body, name
    if how == 1 and schema.get("required"):
        name = rng.choice(schema["required"])
        body.pop(name, None)
        return body, name
    name = rng.choice(list(schema["properties"]))
    value = rng.choice(STRANGE)
    allowed = takes(document, schema["properties"][name], value)
    body[name] = value
    return body, name if allowed is False else None

def bytes_of(rng, body):
    """Now and then not even JSON."""
    text = json.dumps(body).encode("utf-8", "surrogatepass")
    how = rng.randrange(12)
    if how == 0: return text[: rng.randrange(len(text))], True
    if how == 1:
        at = rng.randrange(len(text))
        return text[:at] + bytes([rng.randrange(256)]) + text[at:], True
    if how == 2: return b"\xef\xbb\xbf" * rng.randrange(2) + rng.randbytes(rng.randrange(200)), True
    return text, False

def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("url"), arguments.add_argument("--count", type=int, default=10_000)
    arguments.add_argument("--seed", type=int, default=1), arguments.add_argument("--threads", type=int, default=8)
    options = arguments.parse_args()
    base = urllib.parse.urlparse(options.url)
    document = json.loads(ask(base, "GET", "/swagger/v1/swagger.json")[2])
    name = json.loads(ask(base, "GET", "/v1/models")[2])["data"][0]["id"]
    starts = []
    for path, operations in document["paths"].items():
        content = operations.get("post", {}).get("requestBody", {}).get("content", {}).get("application/json")
        if content and path not in ("/eval", "/models"):
            example = next(iter(content["examples"].values()))["value"]
            for field, value in (("model", name), ("max_new_tokens", 1), ("max_tokens", 1), ("max_completion_tokens", 1)):
                if field in resolve(document, content["schema"])["properties"] and (field == "model" or field in example): example[field] = value
            starts.append((path, content["schema"], example))
    counts, wrong, lock, left = collections.Counter(), [], threading.Lock(), iter(range(options.count))
    def work():
        while True:
            with lock:
                number = next(left, None)
            if number is None: return
            rng = random.Random(options.seed * 1_000_003 + number)
            path, schema, example = rng.choice(starts)
            body, field = mutate(rng, document, schema, example)
            data, broken = bytes_of(rng, body)
            try:
                status, kind, text = ask(base, "POST", path, data, {"content-type": "application/json"})
            except Exception as error:
                status, kind, text = 0, "", repr(error).encode()
            problem = None
            if status == 0 or status >= 500 and status not in (501, 503): problem = "no such answer may be"
            elif status == 400:
                answer = json.loads(text)
                named = answer["error"]["param"] if path.startswith("/v1/") else next(iter(answer.get("errors", {})), None)
                if not broken and field and not (named or "").startswith(field[:40]): problem = f"expected '{field}' to be named, found '{named}'"
                elif not broken and not named: problem = "names no field"
            elif status == 200 and field and not broken: problem = f"expected '{field}' to be refused"
            with lock:
                counts[status] += 1
                if problem: wrong.append(f"{path} {status} {problem}: {data[:200]!r} -> {text[:300]!r}")
    threads = [threading.Thread(target=work) for _ in range(options.threads)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
    ready = ask(base, "GET", "/health/ready")[0]
    for line in wrong[:20]: print(line, file=sys.stderr)
    print(f"{sum(counts.values())} requests: {dict(sorted(counts.items()))}; {len(wrong)} wrong; ready afterwards: {ready == 200}")
    sys.exit(1 if wrong or ready != 200 else 0)

main()
