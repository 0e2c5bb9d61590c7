import hashlib
import hmac
import os
import sys
import time

# The key is the bytes of the secret as issued: nothing of it is decoded.
SECRET = os.fsencode(os.environ.get("SIGNING_SECRET") or sys.exit("SIGNING_SECRET is not set"))
INTEGRATOR_KEY = os.environ.get("INTEGRATOR_KEY") or sys.exit("INTEGRATOR_KEY is not set")


def signed_headers(method: str, path: str, body: bytes) -> dict[str, str]:
    timestamp = str(time.time_ns() // 1_000_000)
    content = f"{timestamp}.{method.upper()}.{path}.{hashlib.sha256(body).hexdigest()}"
    signature = hmac.new(SECRET, content.encode(), hashlib.sha256).hexdigest()
    return {"X-Integrator-Key": INTEGRATOR_KEY, "X-Timestamp": timestamp, "X-Signature": f"sha256={signature}"}


# Method and path with its query as arguments, the raw body on standard input.
for name, value in signed_headers(sys.argv[1], sys.argv[2], sys.stdin.buffer.read()).items():
    print(f"{name}: {value}")
