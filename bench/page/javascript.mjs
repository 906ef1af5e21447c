// What one would write in a page instead of a log: an array of objects per partition behind an emitter (mitt, from npm).
// The same records, keys and partitions as bench/src/log.rs, and every character read back.

const VALUE_CHARS = 100;
const WORKING_SET_BYTES = 512 << 20;
const RECORDS = Math.floor(WORKING_SET_BYTES / VALUE_CHARS);
const DISTINCT = 1 << 12;
const PARTITIONS = 8;
const RECORDS_PER_MS = 1_000;
const ROUNDS = 5;

const KEYS = Array.from({ length: DISTINCT }, (_, index) => `order-${String(index).padStart(6, '0')}`);
const VALUES = KEYS.map((_, index) =>
  Array.from({ length: VALUE_CHARS }, (_, at) => String.fromCharCode(32 + ((index * 31 + at * 7) % 95))).join(''),
);

/** 31-polynomial hash: what a page would use, and cheaper than murmur2. */
function hash(key) {
  let sum = 0;
  for (let at = 0; at < key.length; at++) sum = (Math.imul(sum, 31) + key.charCodeAt(at)) | 0;
  return sum & 0x7fffffff;
}

function sumOf(text) {
  let sum = 0;
  for (let at = 0; at < text.length; at++) sum = (sum + text.charCodeAt(at)) | 0;
  return sum;
}

function write(mitt) {
  const bus = mitt();
  const partitions = Array.from({ length: PARTITIONS }, () => []);
  bus.on('record', (record) => {
    const partition = partitions[hash(record.key) % PARTITIONS];
    record.offset = partition.length;
    partition.push(record);
  });
  for (let index = 0; index < RECORDS; index++) {
    const key = KEYS[index % DISTINCT];
    const value = VALUES[index % DISTINCT];
    bus.emit('record', { key, value, headers: [], timestamp: Math.floor(index / RECORDS_PER_MS), offset: -1 });
  }
  return partitions;
}

function read(partitions) {
  let sum = 0;
  for (const partition of partitions) {
    for (const { key, value } of partition) sum = (sum + sumOf(key) + sumOf(value)) | 0;
  }
  return sum;
}

/** Records a second, the median of some rounds after one to warm up. */
export function run(mitt) {
  const seconds = [];
  let sum = 0;
  for (let round = 0; round <= ROUNDS; round++) {
    const start = performance.now();
    sum += read(write(mitt));
    seconds.push((performance.now() - start) / 1_000);
  }
  seconds.shift();
  seconds.sort((one, other) => one - other);
  return { js_records_per_s: RECORDS / seconds[seconds.length >> 1], sum };
}
