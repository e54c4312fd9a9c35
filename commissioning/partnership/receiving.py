import base64
import hashlib
import hmac
import time


def is_ours(secret, headers, body, now=None):
    """Whether a message was sent by us in the last five minutes. `body` is its bytes, before anything reads them."""
    sent_at = headers["webhook-timestamp"]
    if abs((now or time.time()) - int(sent_at)) > 300:
        return False
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{sent_at}.".encode() + body
    right = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    given = headers["webhook-signature"].split()  # two while a secret is being changed
    return any(hmac.compare_digest(each.encode(), right.encode()) for each in given)
