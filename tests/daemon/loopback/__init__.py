"""A Discord on loopback: REST under /api/v10 and a gateway, for tests of the real client.

discord.py runs against it unmodified, in the test's own process or in another one.
Members act, and the tests look at what members would see; nothing here knows Robo XP.

Three ways to run it::

    async with Loopback() as discord: ...            # in the test's event loop
    with LoopbackThread() as thread: ...             # beside a test without a loop
    python -m tests.daemon.loopback                  # by hand: prints the address, talks a little

Options of Loopback, and of LoopbackThread: ``heartbeat_interval=41.25`` (seconds), ``shards=1``,
``max_concurrency=1`` (shards that may identify in five seconds),
``privileged=Intent.GUILD_MEMBERS`` (what the portal allows; asking for more is closed with 4014),
``limits=Limits(answer_within=3.0, token_lives=900.0)``, ``zlib=True``, ``token``, ``clock``.

Where the client has to go: ``discord.api_base`` (``http://127.0.0.1:PORT/api/v10``),
``discord.gateway_url`` (``ws://127.0.0.1:PORT/gateway``) and ``discord.token``.
``with aimed(discord):`` points the discord.py of this process there and back.

``@live`` makes a test of a coroutine.

The place, its people (all may be called before or after the bot connected; events are sent)::

    guild = discord.add_guild("G", roles=["Bronze", "Silver"], channels=["general"],
                              members=["ann", "bob"], bot_permissions=..., bot_role_position=100)
    guild.role("Bronze"), guild.channel("general"), guild.member("ann"), guild.owner, guild.me
    guild.add_role("Mods", permissions=Permission.MANAGE_GUILD, position=50, managed=False)
    guild.add_channel("news", type=0, parent=None, overwrites={role.id: (allow, deny)})
    guild.add_thread(channel, "a thread")            # in a text channel or as a post of a forum
    user = discord.add_user("eve", created_at=..., bot=False, dms_closed=False)
    member = guild.join(user, roles=["Mods"]); guild.leave(member)
    guild.change_roles(member, add=[...], remove=[...]); member.roles, member.has(role)
    guild.set_overwrites(channel, {role.id: (allow, deny)})
    guild.delete_role(role), guild.delete_channel(channel), guild.delete_message(message)
    guild.dismiss_bot(), guild.go_dark(), guild.come_back()

Roles, channels and members may be given as objects, ids or names.

What members do::

    message = guild.say(member, channel, "hi", reply_to=None, webhook=False, type=0, extra={})
    messages = await guild.chatter([member, ...], channel, rate=500, seconds=20)
    discord.whisper(user, "hi")                      # a direct message to the bot
    answer = await guild.slash(member, "xp give", options={"user": bob, "amount": 5})
    answer = await guild.click(member, message_or_answer, "custom id or label")
    answer = await guild.select(member, message_or_answer, "custom id", [values or objects])
    answer = await guild.submit(member, modal_answer, {"custom id or label": value})
    choices = await guild.autocomplete(member, "giveaway end", "id", "12", options={})

An action returns when the member sees an answer: a callback, or after a deferred one its edit
or follow-up.  No callback within ``answer_within`` seconds raises NoAnswer, as the member would
read "did not respond".  What a real client would not offer (a command that is not synced or not
permitted, a button that is not there) raises NotOffered unless ``anyway=True``; with
``wait=False`` the answer comes back at once, to be filled later.  An Answer has::

    answer.type (callback type), .message, .followups, .content, .embeds, .components, .text,
    .ephemeral, .modal (custom_id, title, components), .choices, .answered_in (seconds),
    .changes (edits and follow-ups so far); await answer.changed(n) waits for the nth

``text`` is every word that a member can read, of content, embeds and Components V2.

What there is to see::

    discord.requests                 each REST call: method, path, body, files, reason, status, at
    discord.calls("PUT", "/guilds/*/members/*/roles/*")   those that match
    channel.messages, message.content / .embeds / .components / .text / .edits / .deleted
    message.pings                    ids of those who were notified ("everyone" for everyone)
    message.sent_at                  time.monotonic() at which the gateway sent a member's message
    discord.dms(user)                messages of the bot to a user
    discord.commands, guild.commands as synced: {name: payload}
    discord.sessions                 of the gateway: .identified_at, .heartbeats, .resumes, .intents
    session.longest_silence()        seconds between two heartbeats of one socket, at most
    await discord.connected(count=1) that many sessions are READY and have their guilds
    await discord.until(condition, timeout=15)  checked at each event, and every 50 ms for
                                     conditions on other things (files, processes)

Faults of REST (``matching`` is a pattern on "METHOD /path", as in "PUT */roles/*")::

    discord.refuse_rest(503, count=None, matching="*", code=0)
    discord.rate_limit("POST */messages", retry_after=1.5, count=1, is_global=False, via=True)
    discord.limit("POST */messages", requests=5, per=2.0)      # a real bucket with headers
    discord.lose_answers("POST */messages", count=1)           # done, but the connection breaks
    discord.delay_rest(2.0, count=None, matching="*")
    hold = discord.hold_rest("POST */messages", count=1, after=False, skip=0)   # wait to be done;
    hold.waiting, hold.release(), hold.drop()        # after=True: done, but not answered yet
    discord.forget_nonces()          # as Discord does after some minutes
    discord.restore_rest()
    discord.refuse_token()           # REST says 401, the gateway closes with 4004

Faults of the gateway::

    await discord.drop_sockets(4000); discord.abort_sockets()
    discord.send_op7(); discord.send_op9(resumable=False)
    discord.close_with(4014)         # what the next IDENTIFY gets
    discord.forget_sessions()        # RESUME will get op 9 false
    discord.refuse_gateway(count=1)  # the next connects get 503
    discord.acknowledges = False     # heartbeats without answers
    await discord.vanish(); await discord.come_back()          # nothing listens in between

A call of a route that does not exist here is answered 404, kept in ``discord.unknown_routes``,
and raised when the block ends: add the route rather than living with it.
"""

from __future__ import annotations

from tests.daemon.loopback.aim import aimed
from tests.daemon.loopback.answers import Answer, NoAnswer, NotOffered
from tests.daemon.loopback.flags import ChannelType, Intent, Permission
from tests.daemon.loopback.gateway import Session
from tests.daemon.loopback.guild import Guild
from tests.daemon.loopback.live import a_guild, live
from tests.daemon.loopback.messages import Message
from tests.daemon.loopback.people import Channel, Member, Role, User
from tests.daemon.loopback.rest import Request
from tests.daemon.loopback.server import TOKEN, Loopback
from tests.daemon.loopback.thread import LoopbackThread
from tests.daemon.loopback.world import Limits

__all__ = [
    "TOKEN",
    "Answer",
    "Channel",
    "ChannelType",
    "Guild",
    "Intent",
    "Limits",
    "Loopback",
    "LoopbackThread",
    "Member",
    "Message",
    "NoAnswer",
    "NotOffered",
    "Permission",
    "Request",
    "Role",
    "Session",
    "User",
    "a_guild",
    "aimed",
    "live",
]
