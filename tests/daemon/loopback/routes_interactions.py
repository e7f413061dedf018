"""REST: callbacks of interactions, their original answers, and follow-ups."""

from __future__ import annotations

import time

from tests.daemon.loopback.answers import Answer
from tests.daemon.loopback.check_commands import check_choices
from tests.daemon.loopback.check_components import check_modal
from tests.daemon.loopback.components import with_ids
from tests.daemon.loopback.errors import FormErrors, api_error, form_error
from tests.daemon.loopback.flags import EPHEMERAL, LOADING, Callback, Json
from tests.daemon.loopback.messages import Message, Origin, delete, post
from tests.daemon.loopback.routes_channels import apply_edit, new_body
from tests.daemon.loopback.routing import Call, route

_HOOK = "/webhooks/{app}/{token}"
_COMMAND, _COMPONENT, _AUTOCOMPLETE, _MODAL = 2, 3, 4, 5


@route("POST", "/interactions/{interaction}/{token}/callback", needs_token=False)
def callback(call: Call) -> Json | None:
    """The one callback of an interaction, in time."""
    answer = call.world.answers.get(call.number("interaction"))
    if answer is None or answer.token != call.ids["token"]:
        raise api_error(10062)
    if answer.type is not None:
        raise api_error(40060)
    if answer.answered_in > call.world.limits.answer_within:
        raise api_error(10062)
    kind = int(call.fields.get("type") or 0)
    _check_kind(answer, kind)
    data = Call(call.world, call.ids, call.query, call.fields.get("data") or {}, call.files)
    _take(data, answer, kind)
    answer.type, answer.answered_at = kind, time.monotonic()
    return _told(answer) if call.query.get("with_response") in ("1", "true") else None


@route("POST", _HOOK, needs_token=False)
def follow_up(call: Call) -> Json:
    """A further message; the first after a deferral takes the place of the loading mark.

    Where the original answer was deleted there is none, as Discord has done for a time.
    """
    answer = _answer(call)
    if answer.message is not None and answer.message.deleted and answer.kind == _COMMAND:
        raise api_error(10008)
    if answer.loading:
        _settle(call, answer)
        assert answer.message is not None
        return answer.message.payload()
    flags = int(call.fields.get("flags") or 0) & EPHEMERAL
    message = _post(call, answer, flags)
    answer.followups.append(message)
    answer.changes += 1
    return message.payload()


@route("GET", _HOOK + "/messages/{message}", needs_token=False)
def message(call: Call) -> Json:
    """The original answer or a follow-up."""
    return _found(call, _answer(call)).payload()


@route("PATCH", _HOOK + "/messages/{message}", needs_token=False)
def edit_message(call: Call) -> Json:
    """The original answer or a follow-up, changed."""
    answer = _answer(call)
    found = _found(call, answer)
    if answer.loading and found is answer.message:
        _settle(call, answer)
    else:
        apply_edit(call, found)
        answer.changes += 1
    return found.payload()


@route("DELETE", _HOOK + "/messages/{message}", needs_token=False)
def delete_message(call: Call) -> None:
    """Takes the original answer or a follow-up away."""
    answer = _answer(call)
    delete(call.world, _found(call, answer))
    answer.loading = False
    answer.changes += 1


def _check_kind(answer: Answer, kind: int) -> None:
    allowed = {
        _AUTOCOMPLETE: (Callback.CHOICES,),
        _COMMAND: (Callback.MESSAGE, Callback.DEFERRED, Callback.MODAL),
        _COMPONENT: (4, 5, 6, 7, 9),
        _MODAL: (4, 5, 6, 7) if answer.source else (4, 5),
    }[answer.kind]
    if kind not in allowed:
        text = f"Value must be one of {tuple(map(int, allowed))}."
        raise form_error("type", "BASE_TYPE_CHOICES", text)


def _take(call: Call, answer: Answer, kind: int) -> None:
    flags = int(call.fields.get("flags") or 0) & EPHEMERAL
    if kind == Callback.MESSAGE:
        answer.message = _post(call, answer, flags)
    elif kind == Callback.DEFERRED:
        answer.message = _loading(call, answer, flags)
        answer.loading = True
    elif kind == Callback.DEFERRED_UPDATE:
        answer.message = answer.source
    elif kind == Callback.UPDATE:
        if answer.source is None or answer.source.deleted:
            raise api_error(10008)
        answer.message = answer.source
        apply_edit(call, answer.source)
    else:
        _take_data(call, answer, kind)


def _take_data(call: Call, answer: Answer, kind: int) -> None:
    errors = FormErrors()
    if kind == Callback.MODAL:
        check_modal(errors, call.fields)
        errors.raise_any()
        answer.modal = {**call.fields, "components": with_ids(call.fields["components"])}
    else:
        choices = call.fields.get("choices") or []
        check_choices(errors, "data", choices)
        errors.raise_any()
        answer.choices = choices


def _origin(answer: Answer) -> Origin:
    bot = answer.guild.members.get(answer.world.bot.id)
    kind = 20 if answer.kind == _COMMAND else 0
    return Origin(bot, kind, interaction=answer.metadata())


def _post(call: Call, answer: Answer, flags: int) -> Message:
    body = new_body(call, flags=flags)
    body.pop("nonce", None)
    return post(call.world, answer.channel, call.world.bot, body, _origin(answer))


def _loading(call: Call, answer: Answer, flags: int) -> Message:
    body = {"flags": flags | LOADING}
    return post(call.world, answer.channel, call.world.bot, body, _origin(answer))


def _settle(call: Call, answer: Answer) -> None:
    """Puts content in the place of a loading mark; who sees it was fixed by the deferral."""
    assert answer.message is not None
    body = new_body(call, flags=answer.message.flags & EPHEMERAL)
    apply_edit(Call(call.world, call.ids, call.query, body), answer.message, settles=True)
    answer.loading = False
    answer.changes += 1


def _answer(call: Call) -> Answer:
    for answer in call.world.answers.values():
        if answer.token == call.ids["token"]:
            expired = time.monotonic() - answer.began > call.world.limits.token_lives
            if answer.type is None or expired:
                break
            return answer
    raise api_error(10015)


def _found(call: Call, answer: Answer) -> Message:
    wanted = call.ids["message"]
    known = [answer.message, *answer.followups]
    if wanted == "@original":
        known = known[:1]
    for found in known:
        if found and not found.deleted and wanted in ("@original", str(found.id)):
            return found
    raise api_error(10008)


def _told(answer: Answer) -> Json:
    kind = answer.type
    message = answer.message
    told: Json = {"id": str(answer.id), "type": answer.kind}
    if message is not None:
        told |= {
            "response_message_id": str(message.id),
            "response_message_loading": answer.loading,
            "response_message_ephemeral": message.ephemeral,
        }
    reply: Json = {"interaction": told}
    if kind in (Callback.MESSAGE, Callback.DEFERRED, Callback.UPDATE) and message is not None:
        reply["resource"] = {"type": kind, "message": message.payload()}
    return reply
