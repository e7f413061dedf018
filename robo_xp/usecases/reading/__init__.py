"""From the bytes of any file to members: encodings, shapes, numbers, ids, times."""
