import type { FakeQuay, FakeQuayOptions } from '../../kit/quay/index.ts';
import { type Exchange, readSession, type SessionName } from './recording.ts';
import type { SourceRegistry } from './source-registry.ts';

interface Moment {
  readonly quay: FakeQuay;
  readonly source: SourceRegistry;
  /** The request that comes next. */
  readonly exchange: Exchange;
}

export type SessionOptions = FakeQuayOptions & {
  /** What the people at the recording machine did to the servers between two requests. */
  readonly before?: (moment: Moment) => void;
};

/** How the recorded servers were configured. */
export function optionsOf(session: SessionName): SessionOptions {
  if (session === 'I-features-off') {
    const features = recordedFeatures(session);
    return { hostname: 'localhost:8081', allowedHosts: [], features, before: switchFeatures };
  }
  if (session === 'L-mirror-failures-and-proxy-block') return { hostname: 'localhost:8080', before: loseLayer };
  return { hostname: 'localhost:8080' };
}

/** The session's first request asked for `/config`. */
function recordedFeatures(session: SessionName): Record<string, boolean> {
  const [first] = readSession(session);
  const { features } = JSON.parse(String(first?.responseBody)) as { features: Record<string, boolean> };
  return features;
}

function switchFeatures({ quay, exchange }: Moment): void {
  if (exchange.n !== 128) return;
  quay.setFeature('USER_INITIALIZE', false);
  quay.setFeature('DIRECT_LOGIN', false);
}

/** The layer of the source's tag `bad`. */
function loseLayer({ source, exchange }: Moment): void {
  if (exchange.n !== 66) return;
  const layer = readSession('L-mirror-failures-and-proxy-block').find(({ n }) => n === 59);
  source.loseBlob(decodeURIComponent(/digest=([^&]+)/.exec(layer?.path ?? '')?.[1] ?? ''));
}
