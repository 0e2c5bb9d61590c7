import base64
import hashlib
import hmac
import json
import os
import sys
import time

# The key is the bytes of the secret as issued: its base64url is not decoded.
SECRET = os.fsencode(os.environ.get("SIGNING_SECRET") or sys.exit("SIGNING_SECRET is not set"))


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def user_jwt(user_id: str) -> str:
    header = {"alg": "HS256", "typ": "JWT"}
    claims = {"user_id": user_id, "exp": int(time.time()) + 300}
    content = ".".join(base64url(json.dumps(part).encode()) for part in (header, claims))
    return f"{content}.{base64url(hmac.new(SECRET, content.encode(), hashlib.sha256).digest())}"


# User ids on standard input, one on each line.
for line in sys.stdin.buffer:
    print(user_jwt(line.decode().removesuffix("\n")))
