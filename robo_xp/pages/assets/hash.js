// Robo XP 0.1.0, MIT: SHA-256 and HMAC, as often as a draw of 100,000 entries needs them.
"use strict";

const encoder = new TextEncoder();
const hex = (bytes) => Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
const bytesOf = (text) => Uint8Array.from(text.match(/../g), (pair) => parseInt(pair, 16));

// SHA-256 (FIPS 180-4). A promise of WebCrypto for each of 100,000 blocks would take seconds;
// the first block of each draw is compared with what WebCrypto says.
const primes = [];
for (let n = 2; primes.length < 64; n += 1) if (primes.every((p) => n % p)) primes.push(n);
const bitsOf = (x) => ((x - Math.floor(x)) * 2 ** 32) | 0;
const START = Int32Array.from(primes.slice(0, 8), (p) => bitsOf(Math.sqrt(p)));
const ROUNDS = Int32Array.from(primes, (p) => bitsOf(Math.cbrt(p)));
const w = new Int32Array(64);

function compress(state, view, at) {
  for (let i = 0; i < 16; i += 1) w[i] = view.getInt32(at + 4 * i);
  for (let i = 16; i < 64; i += 1) {
    const x = w[i - 15];
    const y = w[i - 2];
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    w[i] = (w[i - 16] + s0 + w[i - 7] + s1) | 0;
  }
  let a = state[0], b = state[1], c = state[2], d = state[3];
  let e = state[4], f = state[5], g = state[6], h = state[7];
  for (let i = 0; i < 64; i += 1) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + ROUNDS[i] + w[i]) | 0;
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g; g = f; f = e; e = (d + t1) | 0; d = c; c = b; b = a; a = (t1 + t2) | 0;
  }
  state[0] += a; state[1] += b; state[2] += c; state[3] += d;
  state[4] += e; state[5] += f; state[6] += g; state[7] += h;
}

// Messages are put here, and their hashes stand in `words` until the next one is made: a buffer
// for each of 500,000 hashes would take seconds too.
const words = new Int32Array(8);
let room = new Uint8Array(1 << 10);
let view = new DataView(room.buffer);

// The text in the room; returns how many bytes it has.
function put(text) {
  if (room.length < 3 * text.length + 72) {
    room = new Uint8Array(3 * text.length + 72);
    view = new DataView(room.buffer);
  }
  return encoder.encodeInto(text, room).written;
}

// The words of a hash in the room, from this byte on.
function putWords(from, first, count, at) {
  for (let i = 0; i < count; i += 1) view.setInt32(at + 4 * i, from[first + i]);
}

// The hash of what is in the room, which follows `before` bytes (whole blocks) that made `state`.
function hash(length, state = START, before = 0) {
  const size = Math.ceil((length + 9) / 64) * 64;
  room.fill(0, length, size);
  room[length] = 128;
  view.setUint32(size - 4, 8 * (before + length));
  words.set(state);
  for (let at = 0; at < size; at += 64) compress(words, view, at);
  return words;
}

function bytesOfWords(from = words) {
  putWords(from, 0, 8, 0);
  return room.slice(0, 32);
}

function sha256(bytes) {
  room.set(bytes);
  hash(bytes.length);
  return bytesOfWords();
}

// HMAC with the two blocks of its key made once.
class Key {
  constructor(secret) {
    [this.inner, this.outer] = [0x36, 0x5c].map((pad) => {
      const block = new Uint8Array(64).fill(pad);
      secret.forEach((byte, i) => { block[i] ^= byte; });
      const state = Int32Array.from(START);
      compress(state, new DataView(block.buffer), 0);
      return state;
    });
    this.secret = secret;
  }

  // Of what is in the room.
  mark(length) {
    putWords(hash(length, this.inner, 64), 0, 8, 0);
    return hash(32, this.outer, 64);
  }

  sign(message) {
    room.set(message);
    this.mark(message.length);
    return bytesOfWords();
  }

  async check(message) {
    if (!globalThis.crypto?.subtle) return;
    const key = await crypto.subtle.importKey("raw", this.secret, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
    const told = new Uint8Array(await crypto.subtle.sign("HMAC", key, message));
    if (hex(told) !== hex(this.sign(message))) throw new Error("this browser computes HMAC in another way");
  }
}
