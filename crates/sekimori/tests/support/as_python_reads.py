"""What Python's email package makes of each message in a folder: one JSON object a line, by name."""

import email
import email.policy
import json
import pathlib
import sys

for path in sorted(pathlib.Path(sys.argv[1]).iterdir()):
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    parts = list(message.walk())
    defects = [defect for part in parts for defect in part.defects]
    defects += [defect for value in message.values() for defect in value.defects]
    print(json.dumps({
        "name": path.name,
        "types": [part.get_content_type() for part in parts],
        "charset": message.get_content_charset(),
        "attachments": len(list(message.iter_attachments())) if message.is_multipart() else 0,
        "file_name": message.get_filename(),
        "defects": [f"{type(defect).__name__}: {defect}" for defect in defects],
        "subject": message["Subject"],
        "text": message.get_content().replace("\r\n", "\n"),
    }))
