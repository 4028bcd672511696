/** What `quay_sync.py` said of organisations and images, in its words. */
import type { PairFound, PairOutcome } from '../../compose/quay/pair-sync.ts';
import type { ChangeResult } from '../../quay/declared/run.ts';
import type { EventListener } from '../../report/events.ts';
import type { PythonLog } from './quay-sync-log.ts';

/** Which organisations are there, before the missing ones are made. */
export function tellFound({ namespaces, objects, repositories }: PairFound, isList: boolean, log: PythonLog): void {
  if (isList) log.info(`Only organizations of the listed repositories are looked at: ${namespaces.join(', ')}`);
  for (const { objects: planned } of objects) {
    const missing = new Set(planned.plan.parts.flatMap(({ changes }) => changes.map(({ object }) => object)));
    for (const name of namespaces) {
      if (planned.absentUsers.includes(name)) {
        log.error(
          `${name} is a user, not an organization, and users cannot be created: ${countOf(repositories, name)} repositories of it will fail`,
        );
      } else if (missing.has(`organization ${name}`)) {
        log.info(`Organization does not exist: ${name} <---`);
        log.info(`Attempting to create organization: ${name}`);
      } else {
        log.info(`Organization already exists in destination: ${name} <---`);
      }
    }
  }
}

function countOf(repositories: readonly string[], namespace: string): number {
  return repositories.filter((name) => name.startsWith(`${namespace}/`)).length;
}

export function tellObject(host: string, { change, outcome, error, because }: ChangeResult, log: PythonLog): void {
  const [kind, name = ''] = change.object.split(' ');
  if (outcome === 'done') {
    if (kind === 'organization') log.info(`Organization created successfully: ${name}`);
    return;
  }
  if (kind === 'organization') log.critical('Error creating organization');
  log.error(`${host}: ${change.object} was not created: ${error?.message ?? because ?? ''}`);
}

/** An image is told of once it is done; what fails is told at the end, when no try is left. */
export function tellImages(log: PythonLog): EventListener {
  return (event) => {
    if (event.type === 'warning') log.warning(`${event.message}${event.subject ? ` (${event.subject})` : ''}`);
    if (event.type !== 'copy-finished') return;
    const [source = '', destination = ''] = event.copy.split(' → ');
    log.info(`Image pulled from ${source} <---`);
    log.info(`Image tagged: ${destination} <---`);
    log.info(`Image pushed from ${source} to ${destination} <---`);
  };
}

export function tellNotes({ notes, report: { totals } }: PairOutcome, log: PythonLog): void {
  for (const name of notes.replaced) log.warning(`Image of the destination replaced: ${name}`);
  if (totals.same > 0) log.info(`Images that are the same on both sides: ${totals.same}`);
}

export function tellFailures({ report: { items }, marks }: PairOutcome, log: PythonLog): void {
  for (const { outcome, source, destination, error, reason } of items) {
    if (outcome === 'blocked') log.error(`${destination}: ${reason ?? 'left alone'}`);
    if (outcome !== 'failed') continue;
    const operation = error?.side === 'source' ? 'pull' : 'push';
    const place = operation === 'pull' ? source : destination;
    log.critical(`Error while attempting to ${operation} the image: ${place.slice(place.indexOf('/') + 1)} <---`);
    if (error)
      log.error(`${error.message}${error.serverSaid ? ` The server said: ${error.serverSaid}` : ''} (${error.code})`);
  }
  const left = items.filter(({ outcome }) => outcome === 'not-reached').length;
  if (left > 0) log.error(`${left} images were not begun after the first failure; see --skip-broken-images`);
  for (const { host, change, error } of marks)
    if (error) log.error(`${host}/${change.repository}:${change.tag}: its expiry could not be set: ${error.message}`);
}
