"""Names that members give themselves to see what happens."""

from __future__ import annotations

HOSTILE = (
    "Аda 🦊👩🏽‍🚀 桜井 مرحبا שלום",
    "Z̷̢̛̙̹̈́a̴̛͔͐l̶̪̈́g̷̱̈́o̵̟͐ ẗ̴̡͙́ẽ̵͈x̶̢̛ť̶͔",
    "🦊" * 32,
    "مرحبا بالعالم",
    "שלום עולם",
    "ＦＵＬＬ　ＷＩＤＴＨ",
    "#evil() *b* $x$ @a <b>",
    '#read("/etc/passwd")',
    "\u202eabc def\u202c xyz",
    "\u2067\u202eabc",
    "W" * 32,
    "﷽" * 8,
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "\"' onload='alert(1)",
    "{{ 7 * 7 }} {% raw %}",
    "नमस्ते ไทย 한국어",
    "👨‍👩‍👧‍👦🏳️‍🌈🇯🇵",
    "\u200b\u200d\u00ad",
    "\\u0022 \\ \t | `",
)
