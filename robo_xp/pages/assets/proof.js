// Robo XP 0.1.0, MIT: draws of a giveaway computed again in the browser, from docs/draws.md alone.
"use strict";

// As numbers: by length first, then as text. No id has leading zeros.
const byId = (a, b) => a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);

// Pseudonyms stand where the ids were that they took the place of.
function inPlaces(entries, places = {}) {
  const rest = Object.keys(entries).filter((id) => !Object.hasOwn(places, id)).sort(byId).values();
  const named = new Map(Object.entries(places).map(([id, kept]) => [kept.place, id]));
  return Object.keys(entries).map((_, place) => named.get(place) ?? rest.next().value);
}

function digestOf(entries, ids) {
  hash(put(ids.map((id) => `${id} ${entries[id]}\n`).join("")));
  return hex(bytesOfWords());
}

// A receipt: the number of an entry, and 15 bytes that only who knew the secret could make.
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const decoder = new TextDecoder();
const letters = new Uint8Array(24);
function base32(words) {
  putWords(words, 0, 4, 0);
  for (let at = 0; at < 24; at += 1) {
    letters[at] = LETTERS.charCodeAt((view.getUint16((5 * at) >> 3) >> (11 - ((5 * at) & 7))) & 31);
  }
  return decoder.decode(letters);
}

function receiptsOf(found, key) {
  const { entries, entryNumbers: numbers = {}, pseudonyms = {} } = found;
  return inPlaces(entries, pseudonyms).map((id) => {
    if (Object.hasOwn(pseudonyms, id)) return pseudonyms[id].receipt;
    const number = Object.hasOwn(numbers, id) ? numbers[id] : 0;
    const length = put(`robo-xp/entry/1/${found.id}\n${number} ${id} ${entries[id]}\n`);
    return `${number}-${base32(key.mark(length))}`;
  });
}

// The tree hash of RFC 9162: neighbours in pairs, one left over as it is.
function rootOf(receipts) {
  if (!receipts.length) return hex(sha256(new Uint8Array(0)));
  const level = new Int32Array(8 * receipts.length);
  receipts.forEach((one, at) => level.set(hash(put(`\0${one}`)), 8 * at));
  for (let count = receipts.length; count > 1; count = Math.ceil(count / 2)) {
    for (let at = 0; at + 1 < count; at += 2) {
      room[0] = 1;
      putWords(level, 8 * at, 16, 1);
      level.set(hash(65), 4 * at);
    }
    if (count % 2) level.copyWithin(4 * (count - 1), 8 * (count - 1), 8 * count);
  }
  return hex(bytesOfWords(level));
}

class Stream {
  constructor(key, giveaway, number, digest) {
    const label = encoder.encode(`robo-xp/draw/1/${giveaway}/${number}\n`);
    this.message = Uint8Array.from([...label, ...bytesOf(digest), ...new Uint8Array(8)]);
    this.key = key;
    this.blocks = 0;
    this.words = [];
  }

  word() {
    if (!this.words.length) {
      room.set(this.message);
      view.setBigUint64(this.message.length - 8, BigInt(this.blocks));
      this.blocks += 1;
      putWords(this.key.mark(this.message.length), 0, 8, 0);
      this.words = [24, 16, 8, 0].map((at) => view.getBigUint64(at));
    }
    return this.words.pop();
  }

  below(limit) {
    const most = (1n << 64n) - ((1n << 64n) % limit);
    for (;;) {
      const word = this.word();
      if (word < most) return word % limit;
    }
  }
}

// Fisher-Yates from the front, as far as it is read.
function* shuffled(ids, stream) {
  const order = ids.slice();
  for (let place = 0; place < order.length; place += 1) {
    const other = place + Number(stream.below(BigInt(order.length - place)));
    [order[place], order[other]] = [order[other], order[place]];
    yield order[place];
  }
}

// Efraimidis and Spirakis in whole numbers; of each weight only the first is compared by powers.
function* weighted(ids, entries, stream) {
  const groups = new Map();
  for (let place = 0; place < ids.length; place += 1) {
    const [high, low] = [stream.word(), stream.word()];
    const weight = entries[ids[place]];
    if (!groups.has(weight)) groups.set(weight, []);
    groups.get(weight).push({ high, low, weight, place });
  }
  const power = (one, by) => ((one.high << 64n) | one.low) ** by;
  const before = (a, b) => {
    if (a.weight === b.weight) {
      return a.high !== b.high ? a.high > b.high : a.low > b.low || (a.low === b.low && a.place < b.place);
    }
    const [w, x] = [BigInt(a.weight), BigInt(b.weight)];
    const [left, right] = [power(a, x) << (128n * w), power(b, w) << (128n * x)];
    return left > right || (left === right && a.place < b.place);
  };
  const left = [];
  const insert = (group) => {
    let [low, high] = [0, left.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (before(left[middle].at(-1), group.at(-1))) high = middle;
      else low = middle + 1;
    }
    left.splice(low, 0, group);
  };
  for (const group of groups.values()) {
    group.sort((a, b) => (before(a, b) ? 1 : -1));
    insert(group);
  }
  while (left.length) {
    const group = left.pop();
    yield ids[group.pop().place];
    if (group.length) insert(group);
  }
}

function winnersOf(entries, ids, draw, stream) {
  const winners = [];
  if (draw.count < 1) return winners;
  const plain = ids.every((id) => entries[id] === 1);
  for (const id of plain ? shuffled(ids, stream) : weighted(ids, entries, stream)) {
    if (Object.hasOwn(draw.dropped, id)) continue;
    winners.push(id);
    if (winners.length === draw.count) break;
  }
  return winners;
}

// The chains that draws take; what their signatures are made with is beyond this page.
const CHAINS = {
  "52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971": { genesis: 1692803367000, period: 3000 },
};
const timeOf = (chain, round) => chain.genesis + (round - 1) * chain.period;

// What is wrong with the round that decided a draw.
function beaconFault(found, number) {
  const [rule, draw] = [found.beacon ?? null, found.draws[number]];
  const taken = draw.beacon ?? null;
  if (!rule || !taken) return rule === taken ? "" : "its beacon is not as the giveaway was started";
  if (!Object.hasOwn(CHAINS, rule.chain)) return "its beacon is no chain that is known here";
  const [chain, round] = [CHAINS[rule.chain], taken.round];
  const asked = number ? taken.askedAt : found.closing.at;
  const before = number ? found.draws[number - 1].beacon.round : 0;
  if (!Number.isSafeInteger(round) || round <= before || !(timeOf(chain, round) >= asked + rule.delayMs)) {
    return `round ${round} could be known when it was asked for`;
  }
  if (taken.signature === null) {
    return draw.at >= timeOf(chain, round) + rule.waitMs ? "" : "the beacon was given up before its time";
  }
  return /^[0-9a-f]{96}$/.test(taken.signature) ? "" : "the signature of its round is not 96 hex digits";
}

// The key of a draw: of secret, round and candidates, or the secret alone.
function drawKey(key, draw) {
  const signature = draw.beacon?.signature;
  if (!signature) return key;
  const random = sha256(bytesOf(signature));
  return new Key(key.sign(Uint8Array.from([...random, ...bytesOf(draw.digest)])));
}

function closingFault(found, key) {
  const told = found.closing;
  if (!told) return found.beacon && found.draws.length ? "the entries were never closed" : "";
  const digest = found.pseudonyms && found.draws.length ? found.draws[0].digest : digestOf(found.entries, Object.keys(found.entries).sort(byId));
  if (told.entries !== found.entryCount || told.digest !== digest) return "what was told at the close is not of these entries";
  if (told.root !== rootOf(receiptsOf(found, key))) return "the root that was told at the close is not that of the receipts";
  return "";
}

// A draw after a restore that took an earlier one back could be chosen.
function restoredFault(found) {
  const status = found.restored?.status;
  return status ? `it was ${status} before a restore, and what was drawn since could be chosen` : "";
}

const same = (a, b) => a.length === b.length && a.every((one, at) => one === b[at]);

// What is wrong in the document before anything is drawn.
function shapeFault(found) {
  if (!/^[0-9a-f]{64}$/.test(found.secret)) return "the secret is not 64 hex digits";
  for (const id of Object.keys(found.entries)) {
    const weight = found.entries[id];
    if (!/^[0-9]{17,20}$/.test(id)) return `${id} is no user id`;
    if (!Number.isSafeInteger(weight) || weight < 1) return `the weight of ${id} is no number from 1`;
  }
  if (Object.keys(found.entries).length !== found.entryCount) return "the number of entries differs";
  const draws = found.status === "ended" ? 1 + found.rerolls.length : 0;
  if (!["ended", "cancelled"].includes(found.status)) return "the giveaway is not over";
  if (found.draws.length !== draws) return `there must be ${draws} draws`;
  if (!draws) return found.winners.length ? "there was no draw, and there are winners" : "";
  if (found.draws[0].count !== found.winnersCount) return "the number of winners is not that of the draw";
  if (found.draws[0].digest !== found.entriesDigest) return "the digest is not that of the draw";
  return "";
}

async function faultOf(found) {
  const fault = shapeFault(found);
  if (fault) return fault;
  const secret = bytesOf(found.secret);
  if (hex(sha256(secret)) !== found.commitment) return "the commitment is not the SHA-256 of the secret";
  const key = new Key(secret);
  const unlike = closingFault(found, key) || restoredFault(found);
  if (unlike) return unlike;
  const claimed = [found.winners, ...found.rerolls];
  let ids = inPlaces(found.entries, found.pseudonyms);
  for (const [number, draw] of found.draws.entries()) {
    const digest = digestOf(found.entries, ids.slice().sort(byId));
    if (digest !== (draw.boundDigest ?? draw.digest)) return `draw ${number}: the digest is not that of the entries`;
    const wrong = beaconFault(found, number);
    if (wrong) return `draw ${number}: ${wrong}`;
    const stream = new Stream(drawKey(key, draw), found.id, number, draw.digest);
    await stream.key.check(stream.message);
    const winners = winnersOf(found.entries, ids, draw, stream);
    if (!same(winners, claimed[number])) return `draw ${number}: the winners are not who secret and entries give`;
    const gone = new Set([...winners, ...Object.keys(draw.dropped)]);
    ids = ids.filter((id) => !gone.has(id));
  }
  return "";
}

function tell(verdict, text) {
  document.getElementById("verdict").textContent = text;
  document.documentElement.dataset.verdict = verdict;
}

function search(found) {
  const form = document.getElementById("find");
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const id = form.elements.id.value.trim();
    const weight = Object.hasOwn(found.entries, id) ? found.entries[id] : 0;
    const won = [found.winners, ...found.rerolls].findIndex((ids) => ids.includes(id));
    const place = won < 0 ? "not drawn" : won === 0 ? "a winner" : `a winner of reroll ${won}`;
    document.getElementById("found").textContent = weight
      ? `${id} is among the entries, with weight ${weight}: ${place}.`
      : `${id} is not among the entries.`;
  });
}

// What was seen on Discord, or given as a receipt, against this document.
function comparison(found, text) {
  if (/^[0-9a-f]{64}$/.test(text)) {
    const told = { commitment: found.commitment, "digest of the entries": found.closing?.digest ?? found.entriesDigest };
    told["root of the receipts"] = rootOf(receiptsOf(found, new Key(bytesOf(found.secret))));
    const name = Object.keys(told).find((one) => told[one] === text);
    return name ? `It is the ${name}.` : "NOT THE SAME: this document has another commitment, digest and root. An entry was left out, slipped in or changed, or it is another draw.";
  }
  const parts = /^(0|[1-9][0-9]{0,9})-[A-Z2-7]{24}$/.exec(text);
  if (!parts) return "That is neither a receipt nor 64 hex digits; copy it whole.";
  const at = receiptsOf(found, new Key(bytesOf(found.secret))).indexOf(text);
  if (at < 0) return `NOT THERE: no entry has this receipt. Entry ${parts[1]} was taken back, left out or changed.`;
  const id = inPlaces(found.entries, found.pseudonyms)[at];
  return `It is the receipt of entry ${parts[1]}, of ${id}, with weight ${found.entries[id]}.`;
}

function compare(found) {
  const form = document.getElementById("compare");
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    document.getElementById("compared").textContent = comparison(found, form.elements.seen.value.trim());
  });
}

// What is so of draws in which nothing is wrong.
function praise(found) {
  const taken = found.draws.map((draw) => draw.beacon).filter(Boolean);
  const rounds = taken.filter((one) => one.signature);
  const lines = [rounds.length
    ? `Valid: secret, entries and ${rounds.map((one) => `round ${one.round}`).join(", ")} of drand give exactly these winners.`
    : "Valid: secret and entries give exactly these winners."];
  if (rounds.length) lines.push("The random value of a round is the SHA-256 of its signature, which was computed; whether the signature is that of the round this page cannot check, and 'robo-xp giveaway verify' does.");
  if (rounds.length < taken.length) lines.push("A draw could not get its round in time, and was made from the secret alone, which the operator knew.");
  return lines.join(" ");
}

async function main() {
  let found;
  try {
    found = JSON.parse(document.getElementById("document").textContent);
    search(found);
    compare(found);
  } catch {
    return tell("invalid", "NOT VALID: the document cannot be read.");
  }
  try {
    const fault = await faultOf(found);
    if (fault) return tell("invalid", `NOT VALID: ${fault}.`);
    if (found.restored) return tell("unknown", "Secret and entries give these winners, but a restore brought the giveaway back from a backup: nobody can tell whether it was drawn before.");
    return tell("valid", praise(found));
  } catch (error) {
    return tell("invalid", `NOT VALID: the document is not as it must be (${error.message}).`);
  }
}

main();
