"""What Discord refuses in a message: lengths, embeds, mentions, the two kinds of layout."""

from __future__ import annotations

from tests.daemon.loopback.check_components import check_components
from tests.daemon.loopback.errors import FormErrors, api_error
from tests.daemon.loopback.flags import V2, Json

_LEGACY = ("content", "embeds", "poll", "sticker_ids")


def check_message(body: Json, *, flags: int = 0, was: Json | None = None, files: int = 0) -> None:
    """Raises 50035 for a body that breaks a limit and 50006 for one that leaves nothing to show.

    An edit gives the fields that the message had; ``flags`` are those it will have.
    """
    errors = FormErrors()
    errors.length("content", body.get("content"), 2000)
    _check_embeds(errors, body.get("embeds") or [])
    _check_mentions(errors, body.get("allowed_mentions") or {})
    _check_layout(errors, body, flags=flags, was=was)
    nonce = body.get("nonce")
    errors.length("nonce", None if nonce is None else str(nonce), 25)
    errors.raise_any()
    left = {**(was or {}), **body}
    shown = (*_LEGACY, "components", "attachments")
    if not files and not any(left.get(key) for key in shown):
        raise api_error(50006)


def _check_layout(errors: FormErrors, body: Json, *, flags: int, was: Json | None) -> None:
    v2 = bool(flags & V2)
    if was is not None and was["flags"] & V2 and not v2:
        text = "The Components V2 flag cannot be removed."
        errors.add("flags", "MESSAGE_COMPONENTS_V2_FLAG_CANNOT_BE_REMOVED", text)
        return
    left = {**(was or {}), **body}
    for key in _LEGACY if v2 else ():
        if left.get(key):
            text = f"The '{key}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2"
            code = "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2"
            errors.add(key, code, text)
    check_components(errors, left.get("components") or [], v2=v2)


def _check_embeds(errors: FormErrors, embeds: list[Json]) -> None:
    errors.count("embeds", embeds, 10)
    total = sum(_check_embed(errors, f"embeds.{i}", embed) for i, embed in enumerate(embeds))
    if total > 6000:
        text = "Embed size exceeds maximum size of 6000"
        errors.add("embeds", "MAX_EMBED_SIZE_EXCEEDED", text)


def _check_embed(errors: FormErrors, path: str, embed: Json) -> int:
    """Notes faults of one embed; returns how many characters count towards the sum."""
    fields = embed.get("fields") or []
    footer = (embed.get("footer") or {}).get("text")
    author = (embed.get("author") or {}).get("name")
    errors.length(f"{path}.title", embed.get("title"), 256)
    errors.length(f"{path}.description", embed.get("description"), 4096)
    errors.length(f"{path}.footer.text", footer, 2048)
    errors.length(f"{path}.author.name", author, 256)
    errors.count(f"{path}.fields", fields, 25)
    for index, entry in enumerate(fields):
        errors.length(f"{path}.fields.{index}.name", entry.get("name"), 256, least=1)
        errors.length(f"{path}.fields.{index}.value", entry.get("value"), 1024, least=1)
    texts = [embed.get("title"), embed.get("description"), footer, author]
    texts += [entry.get(key) for entry in fields for key in ("name", "value")]
    return sum(len(text or "") for text in texts)


def _check_mentions(errors: FormErrors, allowed: Json) -> None:
    for kind in ("users", "roles"):
        errors.count(f"allowed_mentions.{kind}", allowed.get(kind) or [], 100)
        if kind in (allowed.get("parse") or []) and allowed.get(kind):
            text = f'"parse:{kind}" and "{kind}" are mutually exclusive.'
            errors.add("allowed_mentions", "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", text)
