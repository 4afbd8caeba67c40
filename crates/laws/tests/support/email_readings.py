"""What Python's email package makes of each message on standard input, where each stands after a line
with its length in octets: one JSON object a line, for the present policy and for the one of old."""

import email
import email.policy
import json
import sys


def reading(octets, policy):
    message = email.message_from_bytes(octets, policy=policy)
    parts = list(message.walk())
    content = message.get_payload(decode=True)
    return {
        "types": [part.get_content_type() for part in parts],
        "charset": message.get_content_charset(),
        "file_name": message.get_filename(),
        "disposition": message.get_content_disposition(),
        "defects": [type(defect).__name__ for part in parts for defect in part.defects],
        "text": (content or b"").decode("utf-8").replace("\r\n", "\n"),
    }


stream = sys.stdin.buffer
while length := stream.readline():
    octets = stream.read(int(length))
    print(json.dumps([reading(octets, p) for p in (email.policy.default, email.policy.compat32)]))
