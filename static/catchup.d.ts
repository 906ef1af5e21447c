/** `window.catchup`: Catchup for scripts and tests. Times in milliseconds, offsets as numbers. */

export interface ServiceSnapshot {
  name: string;
  online: boolean;
  /** `failed`: it is on, and none of its instances runs; `stopping`: it finishes what it has in hand. */
  state: "running" | "catching_up" | "joining" | "stopping" | "failed" | "offline";
  /** Records still to be read; 0 for a service that only publishes. */
  lag: number;
  /** New entities a minute; null for a service that publishes nothing by itself. */
  arrivals_per_min: number | null;
  /** Whether it can reach the broker. */
  connected: boolean;
  /** The value of each setting, as `set_service_config` takes it. */
  settings: Record<string, string>;
  /** Of a service that reads: its instances, also those that have ended. */
  instances: InstanceSnapshot[];
  /** How often somebody saw of it what had been seen before, such as a text that was sent twice. */
  seen_twice: number;
  /** How often it knew that it had done the work before, and did nothing. */
  recognised: number;
  /** Records in its retry topic, in its dead letter topic, and lost to it. */
  retrying: number;
  dead_lettered: number;
  /** Records of its topics that were aborted with their transaction: nobody waits for them. */
  aborted: number;
  lost: number;
}

export interface InstanceSnapshot {
  number: number;
  /** Whether it reads the retry topic. */
  retries: boolean;
  running: boolean;
  /** How many records it has taken and not finished. */
  in_hand: number;
  partitions: number[];
}

export interface PartitionSnapshot {
  partition: number;
  /** The broker that leads it; null if nobody can. */
  leader: number | null;
  /** The brokers that keep it, and those of them that are in sync. */
  replicas: number[];
  isr: number[];
  /** How often another leader was elected. */
  leader_epoch: number;
  log_start_offset: number;
  high_watermark: number;
  log_end_offset: number;
}

export interface BrokerSnapshot {
  number: number;
  online: boolean;
  connected: boolean;
  /** Whether the controller has given it up. */
  fenced: boolean;
  /** How many partitions it leads. */
  leads: number;
}

export interface GroupPartitionSnapshot {
  topic: string;
  partition: number;
  /** The next offset that the group will read; null before its first commit. */
  committed_offset: number | null;
  log_end_offset: number;
  /** `log_end_offset` less `committed_offset`, or less the log start offset before the first commit. */
  lag: number;
}

export interface EffectSnapshot {
  /** When people saw it. */
  time_ms: number;
  text: string;
  topic: string;
  partition: number;
  offset: number;
}

export interface Snapshot {
  scenario: string;
  seed: number;
  time_ms: number;
  playing: boolean;
  services: ServiceSnapshot[];
  brokers: BrokerSnapshot[];
  topics: { name: string; partitions: PartitionSnapshot[] }[];
  groups: {
    name: string;
    generation: number;
    /** Kafka's word. */
    state: "Empty" | "PreparingRebalance" | "CompletingRebalance" | "Stable" | "Dead";
    members: number;
    lag: number;
    partitions: GroupPartitionSnapshot[];
  }[];
  /** The latest 10,000 texts of each service, in the order in which people saw them. */
  effects: Record<string, EffectSnapshot[]>;
}

/** What became of the records of one group. `published` is always the sum of the rest but `processed_again`. */
export interface LedgerSnapshot {
  group: string;
  /** Whether its service was removed: then this is what was left. */
  left: boolean;
  published: number;
  processed: number;
  waiting: number;
  retrying: number;
  dead_lettered: number;
  /** Replaced by compaction before they were processed. */
  compacted: number;
  /** Of transactions that were aborted before they were processed. */
  aborted: number;
  lost: number;
  /** How often a record was processed that had been processed before. */
  processed_again: number;
}

/** What a service promises as it is set, and whether it has kept it. */
export interface PromiseSnapshot {
  service: string;
  name:
    | "nothing_is_lost"
    | "nothing_twice"
    | "in_order"
    | "none_left_out"
    | "committed_reads"
    | "offsets_go_forward"
    | "one_owner"
    | "acknowledged_is_there"
    | "retried_once"
    | "written_once"
    | "sent_in_order";
  /** Whether it was made: `broken` is never said of what was not. */
  promised: boolean;
  /** `at_risk` without having been promised: updates are committed and still in hand. */
  verdict: "holds" | "at_risk" | "broken" | "never_promised_held" | "never_promised_not_held";
  /** When it was broken or not kept first; otherwise since when it is made, or not. */
  since_ms: number;
  /** The record by which it was not kept; null if it was. */
  record: { topic: string; partition: number; offset: number } | null;
}

/** Something worth bringing about, judged by what became of the run. */
export interface ChallengeSnapshot {
  name:
    | "nothing_lost"
    | "said_twice"
    | "missed_for_good"
    | "recognised"
    | "redriven"
    | "broker_back"
    | "acknowledged_lost";
  title: string;
  /** Whether it came about in this run, as far as that has been watched, whatever instant of it is looked at. */
  done: boolean;
  /** When it came about first; null if it has not. */
  since_ms: number | null;
  /** Whether it was done before and not in this run: in another one, or on another road. */
  done_before: boolean;
}

export type Command =
  /** Off is a crash: the service says good-bye to nobody. */
  | { type: "set_service_online"; service: string; online: boolean }
  /** One instance of a service that reads, counted from 0. Off is a crash. */
  | { type: "set_instance_online"; service: string; instance: number; online: boolean }
  /** The service finishes what it has in hand, commits, and leaves its group. */
  | { type: "shut_down"; service: string }
  /** The service stands still for so long, but for its heartbeats. */
  | { type: "stall"; service: string; ms: number }
  /** Cuts a service off from the broker, or joins them again. */
  | { type: "set_connected"; service: string; connected: boolean }
  /** Lets a broker fail, or starts it again; they are counted from 1. */
  | { type: "set_broker_online"; broker: number; online: boolean }
  /** Cuts a broker off from everybody, or joins it again. */
  | { type: "set_broker_connected"; broker: number; connected: boolean }
  /** One of a service's settings, such as `commit_policy` and `before_processing`, or `max.poll.records` and `20`. */
  | { type: "set_service_config"; service: string; name: string; value: string | number }
  /** Lets the group of a service begin elsewhere: its instances leave, and begin again there. */
  | { type: "seek"; service: string; to: "earliest" | "latest" | { offset: number } | { time_ms: number } }
  /** Puts the dead letters of a service into its retry topic. */
  | { type: "redrive"; service: string }
  /** From 0 to 60,000. */
  | { type: "set_arrival_rate"; service: string; arrivals_per_min: number }
  /** One of a topic's settings, with Kafka's name and value, such as `retention.ms` and `60000`. */
  | { type: "set_topic_config"; topic: string; name: string; value: string | number }
  /** A service joins: one that the scenario offers, by its name, or one that is defined as in a scenario file. */
  | { type: "add_service"; service: string | object }
  /** The service finishes what it has in hand, commits, and leaves for good; at once, if it is at that already. */
  | { type: "remove_service"; service: string }
  /** Without a key the record goes to any partition; without a value it is a tombstone. */
  | {
      type: "publish";
      topic: string;
      key?: string | null;
      value?: string | null;
      headers?: Record<string, string>;
      partition?: number | null;
    };

/** Times in whole microseconds: half of them are no longer, 95 of 100 are, and the longest. */
export interface Times {
  median: number;
  p95: number;
  worst: number;
}

/** One side of the comparison. The definitions are the same for both. */
export interface ComparedSide {
  /** Updates for which the publishing service could say that all is well; those for which it had to say an error; those that wait. */
  answered: number;
  failed: number;
  unanswered: number;
  /** Of the answered ones: how many took longer than a second. */
  held_up: number;
  /** From an update to the answer: on the bus when the log has it, with direct calls when every neighbour has answered. */
  answer_us: Times;
  /** From an update until a neighbour has done its work on it. */
  effect_us: Times;
  /** Updates that a neighbour has still to work on, that were put aside for somebody to look at, and that it will never work on. */
  waiting: number;
  put_aside: number;
  lost: number;
  /** How often a neighbour worked on an update that it had worked on before. */
  done_again: number;
  /** Records in all topics, or calls. */
  messages: number;
}

export interface Comparison {
  time_us: number;
  bus: ComparedSide;
  direct: ComparedSide;
  /** With direct calls: who calls whom. On the bus nobody knows anybody. */
  knows: [caller: string, callee: string][];
  /** What was done to the run that means nothing with direct calls, each with the reason. */
  ignored: string[];
  /** Which did better so far, and by what. */
  better: "bus" | "direct" | "neither";
  verdict: string;
}

/** A command and when it was given, in microseconds since the run began. */
export interface StampedCommand {
  at_us: number;
  command: Command;
}

/** A run as a file. Fields that are not here are refused. */
export interface RunFile {
  format: "catchup-run";
  version: 1;
  /** The name of a shipped scenario, or a whole scenario. */
  scenario: string | object;
  /** A text if it is larger than a number can say exactly. */
  seed: number | string;
  /** The instant that is looked at, and how far the run has come, in microseconds. */
  at_us: number;
  end_us: number;
  /** `trace_hash()` at the instant that is looked at: if it comes out otherwise, whoever opens the run is told. */
  trace_hash?: string | null;
  commands: StampedCommand[];
  branches?: { name: string; end_us: number; commands: StampedCommand[] }[] | null;
}

/** What a search is for. */
export interface SearchOptions {
  /** The promise to be broken; `nothing_is_lost` if it is left out. */
  promise?:
    | "nothing_is_lost"
    | "nothing_twice"
    | "in_order"
    | "acknowledged_is_there"
    | "retried_once"
    | "written_once"
    | "sent_in_order";
  /** How many schedules of outages to try before giving up: up to 2,000. */
  tries?: number;
  /** The seed that is tried first; that of the run, if it is left out. */
  seed?: number;
  /** How long each run is, in milliseconds of simulated time: from 30,000 to 600,000, a minute if it is left out. */
  horizon_ms?: number;
}

export interface SearchResult {
  /** `not_found` proves nothing: `tries` and `simulated_ms` say how much was tried. */
  stage: "found" | "not_found";
  tries: number;
  simulated_ms: number;
  found: {
    service: string;
    /** Whether the promise was made at all, as things are set. */
    promised: boolean;
    /** When it breaks, and from when on it is worth to be seen. */
    at_ms: number;
    from_ms: number;
    seed: number;
    /** How many commands of the run are outages; those before set it as the present run is. */
    outages: number;
    /** The run, as a file that `import_run` opens. */
    file: string;
  } | null;
}

/** Every method throws an `Error` that says what is wrong, and then has changed nothing. */
export interface Catchup {
  snapshot(): Snapshot;
  apply(command: Command): void;
  /** Advances the run by so many milliseconds of simulated time, at most a day, and returns when that is done. */
  advance(ms: number): void;
  /** Looks at another instant of the run, no later than it has come. Acting there takes another road; the one left is kept. */
  seek(time_ms: number): void;
  /** Takes back what was done last before the instant that is looked at; false if there was nothing. */
  undo(): boolean;
  /** Does again what was taken back last; false if there was nothing. */
  redo(): boolean;
  /** The roads that were left, the oldest first. */
  branches(): { name: string; commands: number; end_ms: number }[];
  /** The run beside the same day with direct calls instead of the bus, at the instant that is looked at, with the knobs on the page. */
  compare_direct(): Comparison;
  /** What became of the records of each group that reads. */
  ledger(): LedgerSnapshot[];
  /** The promises of all services, at this instant. */
  promises(): PromiseSnapshot[];
  /** Which challenges are done. Those that the scenario does not have what it takes for are left out. */
  challenges(): ChallengeSnapshot[];
  /**
   * Searches for an outage that breaks a promise, with the settings as they are now, in a worker. The same run and options find the
   * same. Rejects with an `Error` if it cannot be run.
   */
  search(options?: SearchOptions): Promise<SearchResult>;
  play(): void;
  pause(): void;
  /**
   * Begins a run at time 0: of a shipped scenario by name, or of one given as an object or a JSON text. Without a seed,
   * with that of the present run. Whether time runs stays as it was.
   */
  load(scenario: string | object, seed?: number): void;
  /**
   * Lets a service join: one that the scenario offers in `optional_services`, by its name, or one that is defined as in a scenario file, as
   * an object or a JSON text. It begins where its `auto.offset.reset` says. A definition with a mistake is refused with the path.
   */
  add_service(service: string | object): void;
  /** Lets a service finish what it has in hand, commit, and leave for good. `ledger()` keeps what was left. */
  remove_service(name: string): void;
  /** The link to this run at this instant. Throws if the run is too long for one. */
  link(): string;
  /** Opens the run of a link, held at its instant. A link that is damaged, foreign or too large changes nothing. */
  open(link: string): void;
  /** The run with the roads that were left: the same as in the file that Save gives. */
  export_run(): RunFile;
  /** Opens a run from `export_run` or from a saved file, as an object or as a JSON text, held at its instant. */
  import_run(file: RunFile | string): void;
  /** One number for everything that has happened in the run, as 16 hexadecimal digits. */
  trace_hash(): string;
  /** The time of the run in microseconds. */
  time_us(): number;
}

declare global {
  interface Window {
    catchup: Catchup;
  }
}
