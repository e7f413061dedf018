"""The statements, for one schema; who runs them and in which order is said elsewhere."""

from __future__ import annotations

from robo_xp.vault.batch import HEAD_LENGTH
from robo_xp.vault.name import GLOBAL
from robo_xp.vault.postgres.schema import SINGLE

FAR = 2**62
"""A number that no batch has: with it a head comes without lines."""


class Sql:
    """All statements of the engine, each with the name of the schema in it."""

    def __init__(self, schema: str) -> None:
        """Write the statements down once."""
        self._lock(schema)
        self._read(schema)
        self._write(schema)
        self._look(schema)
        self._rank(schema)

    def _lock(self, s: str) -> None:
        """What begins a transaction, and who may."""
        self.wait = "select set_config('lock_timeout', %s, true)"
        self.make = f"""
            insert into {s}.namespace (name, kind, schema, lineage) values (%s, %s, %s, %s)
            on conflict (name) do nothing"""
        # durability "batch" is at least "on"; an operator may ask for more, as remote_apply
        self.lock = f"""
            select n.id, n.schema, n.seq, n.generation, n.lineage,
                coalesce(g.seq, 0), coalesce(g.lineage, ''), o.wait, o.jit, o.sure
            from (select set_config('lock_timeout', %s, true) as wait,
                set_config('jit', 'off', true) as jit,
                set_config('synchronous_commit',
                    case when not %s then 'off'
                         when current_setting('synchronous_commit') in ('off', 'local') then 'on'
                         else current_setting('synchronous_commit') end, true) as sure
                offset 0) o
            cross join {s}.namespace n left join {s}.namespace g on g.name = '{GLOBAL}'
            where n.name = %s for update of n"""
        self.fence = f"""
            select 1 from {s}.lease where kind = %s and key = %s and token = %s for share"""
        self.take_lease = f"""
            insert into {s}.lease values ('work', %s, %s, 1, now() + make_interval(secs => %s))
            on conflict (kind, key) do update set holder = excluded.holder,
                token = lease.token + 1, expires = excluded.expires where lease.expires < now()
            returning token"""
        self.keep_lease = f"""
            update {s}.lease set expires = now() + make_interval(secs => %s)
            where kind = 'work' and key = %s and token = %s returning token"""
        self.leases = f"select key, holder from {s}.lease where kind = 'work' and expires > now()"
        self.make_note = f"""
            insert into {s}.lease values ('note', %s, '', 1, now()) on conflict do nothing"""
        self.look_up_note = f"select holder from {s}.lease where kind = 'note' and key = %s"
        self.noted = f"{self.look_up_note} for update"
        self.now = "select extract(epoch from clock_timestamp())::float8"
        self.note = f"update {s}.lease set holder = %s where kind = 'note' and key = %s"
        self.seq = f"select seq from {s}.namespace where name = %s"

    def _read(self, s: str) -> None:
        """Where a namespace stands, its records, its lines."""
        self.head = f"""
            select n.id, n.schema, n.seq, n.generation, n.lineage, b.line
            from {s}.namespace n left join {s}.batch b on b.ns = n.id and b.seq > %s
            where n.name = %s order by b.seq limit %s"""
        # to compile what reads a few rows takes longer than to read them
        self.plain = "select set_config('jit', 'off', true)"
        # of a table with more records than the limit there is one row, without an id
        self.docs = f"""
            with recursive n as (select id from {s}.namespace where name = %s),
            tabs as (
                (select d.tab from {s}.doc d where d.ns = (select id from n)
                    order by d.tab limit 1)
                union all
                select (select d.tab from {s}.doc d where d.ns = (select id from n)
                    and d.tab > t.tab order by d.tab limit 1)
                from tabs t where t.tab is not null)
            select t.tab, d.id, d.body from tabs t left join lateral (
                select id, body from {s}.doc where ns = (select id from n) and tab = t.tab
                and not exists (select 1 from {s}.doc where ns = (select id from n)
                    and tab = t.tab offset %s)
                order by id offset 0) d on true
            where t.tab is not null"""
        self.some_docs = f"""
            select id, body from {s}.doc where ns = %s and tab = %s and id = any(%s)"""
        self.table = f"select id, body from {s}.doc where ns = %s and tab = %s"
        self.after = f"""
            select line from {s}.batch where ns = (select id from {s}.namespace where name = %s)
            and seq > %s order by seq limit %s"""
        self.before = f"""
            select line from {s}.batch where ns = (select id from {s}.namespace where name = %s)
            and seq < %s order by seq desc limit %s"""
        self.heads = self.before.replace(
            "select line", f"select substring(line from 1 for {HEAD_LENGTH + 1})"
        )

    def _write(self, s: str) -> None:
        """What a commit changes."""
        put = f"""
            insert into {s}.doc (ns, tab, id, xp, b, body) select %s, *
            from unnest(%s::text[], %s::text[], %s::bigint[], %s::bigint[], %b::bytea[])
            on conflict (ns, tab, id) do update
            set xp = excluded.xp, b = excluded.b, body = excluded.body"""
        line = f"insert into {s}.batch (ns, seq, day, ts, line) values (%s, %s, %s, %s, %s)"
        move_on = f"""
            update {s}.namespace set seq = %s, changed = pg_current_xact_id() where id = %s"""
        self.put = put
        self.remove = f"delete from {s}.doc where ns = %s and tab = %s and id = any(%s)"
        # in one order, so that two writers cannot wait for each other
        count = f"""
            insert into {s}.bucket (ns, b, n)
            select %s, * from unnest(%s::bigint[], %s::bigint[]) as t (b, n) order by b
            on conflict (ns, b) do update set n = bucket.n + excluded.n"""
        self.store = f"with doc as ({put}) {count}"
        self.commit = f"with line as ({line}), doc as ({put}), count as ({count}) {move_on}"
        self.renew = f"""
            update {s}.namespace set schema = %s, generation = generation + 1,
                changed = pg_current_xact_id() where id = %s"""
        self.naming = f"""
            select seq, day, line from {s}.batch
            where ns = %s and seq <= %s and position(%s::bytea in line) > 0"""
        self.rewrite = f"update {s}.batch set line = %s where ns = %s and seq = %s and day = %s"
        self.marked = f"select 1 from {s}.doc where tab = %s limit 1"
        # plain VACUUM leaves the bytes of rows that went in the pages
        self.rewrite_files = (f"vacuum full {s}.doc", f"vacuum full {s}.batch")
        self.clear_table = f"delete from {s}.doc where ns = %s and tab = %s"
        self.clear = f"delete from {s}.doc where ns = %s"
        self.clear_buckets = f"delete from {s}.bucket where ns = %s"

    def _look(self, s: str) -> None:
        """Over all namespaces."""
        self.holder = f"""
            select a.pid, a.application_name from {s}.namespace n
            join pg_locks l on l.locktype = 'transactionid' and l.transactionid = n.xmax
            join pg_stat_activity a on a.pid = l.pid
            where n.name = %s and l.granted"""
        self.numbers = f"select name, seq from {s}.namespace where seq > 0"
        # where no transaction began since the last look no row is looked at
        self.changes = f"""
            select n.name, n.lineage, n.seq, x.low from
            (select pg_snapshot_xmin(seen)::text::bigint as low,
                pg_snapshot_xmax(seen)::text::bigint as high
                from (select pg_current_snapshot() as seen offset 0) s) x
            left join lateral (select name, lineage, seq from {s}.namespace
                where (x.high > %s or x.low < %s) and kind = %s and seq > 0
                and (x.low < %s or changed::text::bigint >= %s) offset 0) n on true"""
        self.sizes = f"""
            select n.name, n.kind,
                coalesce((select sum(octet_length(body)) from {s}.doc where ns = n.id), 0)::bigint,
                coalesce((select sum(octet_length(line)) from {s}.batch where ns = n.id), 0)::bigint
            from {s}.namespace n where n.seq > 0 and (n.name = %s or %s = '')"""

    def _rank(self, s: str) -> None:
        """Boards: a count of buckets leads to the place, an index from there on."""
        self.total = f"select coalesce(sum(n), 0)::bigint from {s}.bucket where ns = %s"
        self.above = f"""
            select coalesce((select sum(n) from {s}.bucket where ns = d.ns and b > d.b), 0)::bigint
                + case when d.b < {SINGLE} then (
                    select count(*) from {s}.doc e where e.ns = d.ns and e.b = d.b
                    and (length(e.id), e.id) < (length(d.id), d.id))
                else (
                    select count(*) from {s}.doc e where e.ns = d.ns and e.b = d.b
                    and (e.xp > d.xp
                        or e.xp = d.xp and (length(e.id), e.id) < (length(d.id), d.id))) end
            from {s}.doc d where d.ns = %s and d.tab = %s and d.id = %s and d.b is not null"""
        self.bucket_at = f"""
            select b, before from (
                select b, sum(n) over (order by b desc) as up_to,
                    sum(n) over (order by b desc) - n as before
                from {s}.bucket where ns = %s) t
            where up_to > %s order by b desc limit 1"""
        # where a bucket is one total the index has them in order, others are put in order
        self.page = f"""
            with wide as (
                select id, xp from {s}.doc where ns = %s and b >= {SINGLE} and b <= %s
                order by b desc, xp desc, length(id), id offset %s limit %s),
            narrow as (
                select id, b from {s}.doc where ns = %s and b < {SINGLE} and b <= %s
                order by b desc, length(id), id offset %s limit %s),
            page as (
                select * from (select * from wide union all select * from narrow) t
                order by xp desc, length(id), id limit %s)
            select p.id, p.xp, d.body from page p
            join {s}.doc d on d.ns = %s and d.tab = %s and d.id = p.id
            order by p.xp desc, length(p.id), p.id"""
