import type { TranshipError } from '../oci/errors.ts';
import type { CopyOutcome, CopyRequest } from './copy.ts';
import { failureOf } from './failure.ts';
import { type CopyEvent, Target } from './target.ts';

export type Warn = (code: string, message: string, subject?: string) => void;

/** The destinations of a request, each told of as started. */
export function openTargets(request: CopyRequest): readonly Target[] {
  const { id, source, reference, destinations, ledger, signal } = request;
  return destinations.map((destination, at) => {
    const name = destination.id ?? (destinations.length === 1 ? id : `${id}/${at + 1}`);
    const emit = emitter(request, name);
    const repository = ledger.repository(destination.place);
    const target = new Target(destination, { id: name, repository, emit, signal });
    emit({ type: 'copy-started', source: named(source.location, reference), destination: nameOf(target) });
    return target;
  });
}

/** What became of a target. */
export function outcomeOf(target: Target, explain: (error: unknown) => TranshipError): CopyOutcome {
  const { id, failure, bytes, aim } = target;
  if (failure) return { ok: false, id, error: explain(failure.error) };
  if (aim === undefined) throw new Error('a copy ended well without knowing what it copied');
  const { previous } = target;
  return {
    ok: true,
    id,
    digest: aim,
    outcome: !target.wrote ? 'same' : previous === undefined ? 'copied' : 'updated',
    ...(previous !== undefined && { previous }),
    bytesMoved: bytes.copied,
    bytesMounted: bytes.mounted,
    bytesPresent: bytes.present,
    referrers: target.referrers,
  };
}

export function tellOutcome(outcome: CopyOutcome, request: CopyRequest): void {
  const emit = emitter(request, outcome.id);
  if (!outcome.ok) return emit({ type: 'copy-failed', error: failureOf(outcome.error) });
  const { ok: _ok, id: _id, ...told } = outcome;
  emit({ type: 'copy-finished', ...told });
}

export function warner({ emit, now }: CopyRequest): Warn {
  return (code, message, subject) =>
    emit({ type: 'warning', at: now(), code, message, ...(subject !== undefined && { subject }) });
}

function emitter({ emit, now }: CopyRequest, copy: string): (event: CopyEvent) => void {
  return (event) => emit({ ...event, copy, at: now() });
}

function nameOf({ place, tags }: Target): string {
  const [tag] = tags;
  return tag === undefined ? place.location : named(place.location, tag);
}

/** `host/repository:tag`, `host/repository@sha256:…`. */
export function named(location: string, reference: string): string {
  return `${location}${reference.includes(':') ? '@' : ':'}${reference}`;
}
