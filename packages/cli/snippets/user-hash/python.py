import hashlib
import hmac
import os
import sys

# The key is the bytes of the secret as issued: its base64url is not decoded.
SECRET = os.fsencode(os.environ.get("SIGNING_SECRET") or sys.exit("SIGNING_SECRET is not set"))


def user_hash(user_id: str) -> str:
    return hmac.new(SECRET, user_id.encode(), hashlib.sha256).hexdigest()


# User ids on standard input, one on each line.
for line in sys.stdin.buffer:
    print(user_hash(line.decode().removesuffix("\n")))
