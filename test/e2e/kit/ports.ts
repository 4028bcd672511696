/** Waiting by looking: a port that is free, a server that answers. */
import { request } from 'node:http';
import { request as secureRequest } from 'node:https';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

const betweenLooks = 20;

/** A port that nobody listened on a moment ago. Another process may still be quicker, so a server start is tried again. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

/** Looks until `look` answers true, stops at once when the signal fires, and fails after `limitMs`. */
export async function until(
  look: () => boolean | Promise<boolean>,
  { limitMs, what, signal }: { limitMs: number; what: string; signal?: AbortSignal },
): Promise<void> {
  const end = Date.now() + limitMs;
  while (!(await look())) {
    signal?.throwIfAborted();
    if (Date.now() > end) throw new Error(`${what} did not happen within ${limitMs} ms`);
    await pause(betweenLooks);
  }
}

/** The status that a URL answers with, or undefined while nobody listens. Certificates are not judged. */
export function statusOf(url: string): Promise<number | undefined> {
  const send = url.startsWith('https:') ? secureRequest : request;
  return new Promise((resolve) => {
    const sent = send(url, { agent: false, rejectUnauthorized: false, timeout: 5000 }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    });
    sent.once('timeout', () => sent.destroy(new Error('no answer')));
    sent.once('error', () => resolve(undefined));
    sent.end();
  });
}
