import type { FakeQuay, FakeQuayOptions } from '../../kit/quay/index.ts';
import type { Exchange, SessionName } from './recording.ts';

export type SessionOptions = FakeQuayOptions & {
  /** What the people at the recording machine did to the server between two requests. */
  readonly before?: (quay: FakeQuay, exchange: Exchange) => void;
};

/** How the recorded servers were configured. */
export function optionsOf(session: SessionName): SessionOptions {
  if (session === 'I-features-off') return featuresOff;
  return { hostname: 'localhost:8080' };
}

const featuresOff: SessionOptions = { hostname: 'localhost:8081', allowedHosts: [] };
