import { randomBytes, randomUUID } from 'node:crypto';
import type { FakeClock } from '../clock.ts';
import { hasSince, type Settings } from '../settings.ts';
import type {
  Account,
  AppToken,
  Directory,
  GlobalMessage,
  LogEntry,
  OAuthToken,
  Repository,
  Session,
  Team,
  Upload,
} from './types.ts';

/** Everything one fake Quay holds. The API, the registry protocol and the workers all read and write this one store. */
export interface World {
  readonly settings: Settings;
  readonly clock: FakeClock;
  /** `http://localhost:8080`, as the server calls itself. Set once it listens. */
  origin: string;
  /** `127.0.0.1:41234`, where it really listens. */
  address: string;
  readonly accounts: Map<string, Account>;
  /** Names of deleted organisations that the garbage collector has not freed yet, with their deletion's time. */
  readonly deletedNames: Map<string, number>;
  readonly teams: Team[];
  readonly repositories: Map<string, Repository>;
  readonly content: Map<string, Buffer>;
  readonly oauthTokens: Map<string, OAuthToken>;
  readonly appTokens: AppToken[];
  readonly sessions: Map<string, Session>;
  readonly uploads: Map<string, Upload>;
  readonly messages: GlobalMessage[];
  readonly logs: LogEntry[];
  readonly pageTokens: Map<string, unknown>;
  /** Repositories whose tag listing was asked for lately, with what it said then. */
  readonly serial: Map<string, number>;
  readonly registryTokens: Map<string, unknown>;
  /** Where users come from; absent: the database. */
  directory?: Directory | undefined;
}

export function createWorld(settings: Settings, clock: FakeClock): World {
  return {
    settings,
    clock,
    origin: '',
    address: '',
    accounts: new Map(),
    deletedNames: new Map(),
    teams: [],
    repositories: new Map(),
    content: new Map(),
    oauthTokens: new Map(),
    appTokens: [],
    sessions: new Map(),
    uploads: new Map(),
    messages: [],
    logs: [],
    pageTokens: new Map(),
    serial: new Map(),
    registryTokens: new Map(),
  };
}

/** The next row number of `table`, from 1. */
export function nextId(world: World, table: string): number {
  const id = (world.serial.get(table) ?? 0) + 1;
  world.serial.set(table, id);
  return id;
}

export function feature(world: World, name: string): boolean {
  return world.settings.features[name] === true;
}

export function knows(world: World, since: string): boolean {
  return hasSince(world.settings.version, since);
}

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

/** A random secret of upper-case letters and digits, Quay's alphabet for all of them. */
export function randomText(length: number): string {
  return Array.from(randomBytes(length), (byte) => letters[byte % letters.length]).join('');
}

export { randomUUID };
