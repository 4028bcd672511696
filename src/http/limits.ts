const KiB = 1024;
const MiB = 1024 * KiB;

/** Every bound of the transport, by name. Times in milliseconds, sizes in bytes. */
export const limits = {
  /** Body of an answer, where the caller names no other. */
  body: 4 * MiB,
  /** Status line and headers of an answer. */
  head: 64 * KiB,
  /** Body of a refusal to a download or an upload: enough for any error document. */
  errorBody: 64 * KiB,
  redirects: 5,
  /** Sendings of one request in all. */
  attempts: 6,
  /** A 500, a refusal by the target of a redirect, and silence can be for ever: registries answer so to what they dislike. */
  doubtfulAttempts: 3,
  /** TCP connect over all addresses, and again for the TLS handshake, and for a proxy's answer to CONNECT. */
  connect: 10_000,
  /** Between one address of a host and the next (happy eyeballs). */
  nextAddress: 250,
  /** A host's first bytes, which tell whether it speaks plain HTTP. */
  probe: 2_000,
  headTimeout: 60_000,
  /** No byte for so long on a leg that waits for nobody but its peer. */
  idle: 30_000,
  /** Bytes a second; a body that brings less for as long as `idle` stands still, whatever drips out of it. */
  slowest: 100,
  /** A body that is kept in memory has come whole by then: none has more than 8 MiB. */
  bodyTimeout: 15 * 60_000,
  /** The longest that is waited because a server asked for it. */
  wait: 60_000,
  /** How long a name that does not resolve is tried again. */
  nameRetry: 20_000,
  /** How long a name that was tried so in vain is asked for only once at a time. */
  nameGivenUp: 60_000,
  /** How long a resolved name is believed. */
  nameCache: 30_000,
  names: 1_000,
  smallRequests: 64,
  blobs: 8,
  /** Blobs of at most `smallBody` bytes, such as configurations. */
  smallBlobs: 32,
  smallBody: 64 * KiB,
  /** Connections kept open for later, per origin and kind. */
  idleConnections: 64,
  /** How long such a connection is kept. Most servers close theirs after 60 s or more; a lost race is noticed and repeated. */
  keepAlive: 30_000,
  /** One read buffer of a download. Half the CPU of 64 KiB; little is won above. */
  readBuffer: MiB,
  /** The same for a body that is known to be small: a configuration has a few hundred bytes. */
  smallReadBuffer: 64 * KiB,
  /** Read buffers in flight per download: one filling, the others on their way out. */
  readBuffers: 4,
  /** Free read buffers kept for the next download. */
  spareBuffers: 24,
  /** Consecutive failures of a host after which it is left alone for a while. */
  breakerFailures: 10,
  /** And the failures have gone on for so long. */
  breakerAfter: 1_000,
  breakerPause: 5_000,
  /** Each probe that fails doubles the pause, up to this. */
  breakerLongest: 30_000,
  /** How long a host is asked without one success before it is given up for all that a run still has for it. */
  patience: 180_000,
  /** The same for a host that asks for one pause after the other and lets nothing through. */
  throttlePatience: 300_000,
  /** The same for a host that was never reached at all: a wrong port or a firewall is for ever. */
  unreachedPatience: 30_000,
  /** Tries in vain before a host is given up that did well before in the same run. */
  patienceTries: 4,
  /** Between two failures: after longer, nobody was waiting for the host meanwhile. */
  patienceGap: 90_000,
  /** Until a host that was given up is asked once more; each time in vain doubles it, up to `givenUpLongest`. */
  givenUpPause: 60_000,
  givenUpLongest: 10 * 60_000,
  /** Tries of one request that a host throttles while it lets others through. */
  throttledTries: 50,
  /** A host that thinks for longer about an answer is told of. */
  slowAnswer: 10_000,
  /** A host that says 503 now and did well so little before lets some requests through and others not. */
  lately: 10_000,
  /** Retries per host and minute that are always allowed; above, `budgetShare` of the requests. */
  budgetFloor: 50,
  budgetShare: 0.2,
  budgetWindow: 60_000,
  /** Secret values remembered for redaction; the oldest (expired tokens) are forgotten first. */
  secrets: 10_000,
} as const;

/** Waits that tests and users may want different. */
export interface Timeouts {
  readonly connect: number;
  readonly headTimeout: number;
  readonly idle: number;
  readonly wait: number;
  readonly nameRetry: number;
  readonly keepAlive: number;
  readonly slowAnswer: number;
}

/** Bytes that a body which moves brings in so many milliseconds. */
export function leastIn(milliseconds: number): number {
  return (limits.slowest * milliseconds) / 1000;
}
