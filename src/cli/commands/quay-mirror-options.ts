/** What the commands of `quay mirror` read from their command lines. */
import { type MirrorSetup, readNamedSecret, repositorySelection } from '../../compose/quay/mirror.ts';
import type { SecretRef } from '../../credentials/secret-ref.ts';
import { parseDuration } from '../../kit/quantity.ts';
import type { Secret } from '../../kit/secret.ts';
import type { CommandContext } from '../context.ts';
import { type OptionValues, usageError } from '../options.ts';
import { sessionOptions, warnTo } from '../session.ts';

export interface QuayPlace {
  readonly server: string;
  readonly organization: string;
  /** Its name below the organisation. */
  readonly repository?: string;
}

/** `host/organisation[/repository]`, with or without a scheme. */
export function quayPlace(text: string): QuayPlace {
  const found = /^((?:https?:\/\/)?[^/\s]+)\/([^/\s]+)(?:\/(\S*[^/\s]))?\/?$/.exec(text);
  const [, server, organization, repository] = found ?? [];
  if (server === undefined || organization === undefined) {
    throw usageError(`"${text}" names no organisation of a Quay.`, 'Write host/organisation.');
  }
  return { server, organization, ...(repository !== undefined && { repository }) };
}

/** An organisation; where none is written, the one of `like`. */
export function quayOrganization(text: string, like?: QuayPlace): QuayPlace {
  const bare = /^(?:https?:\/\/)?[^/\s]+\/?$/.test(text);
  const place = bare && like !== undefined ? { ...like, server: text.replace(/\/$/, '') } : quayPlace(text);
  if (place.repository === undefined) return place;
  throw usageError(`"${text}" is a repository, and organisations are mirrored whole.`, 'Use --include for a part.');
}

/** The mirror that the options describe. */
export async function mirrorSetup(context: CommandContext, source: QuayPlace, to: QuayPlace): Promise<MirrorSetup> {
  const { options } = context;
  const selects = repositorySelection(options.list('include'), options.list('exclude'));
  const credentials = await pullCredentials(context);
  const proxy = proxyOf(options);
  const visibility = options.text('visibility') as MirrorSetup['visibility'];
  const timeout = secondsOf(options, 'timeout', 300);
  const start = startOf(options.text('start'));
  const spread = secondsOf(options, 'spread', 0);
  return {
    source: { host: source.server.replace(/^https?:\/\//, ''), organization: source.organization },
    organization: to.organization,
    tags: options.list('tags').length === 0 ? ['*'] : options.list('tags'),
    every: secondsOf(options, 'every', 60) ?? 600,
    robot: robotOf(options.text('robot') ?? 'mirror', to.organization),
    ...(selects && { selects }),
    ...(credentials && { credentials }),
    ...(proxy && { proxy }),
    ...(visibility && { visibility }),
    ...descriptionOf(options),
    ...(options.flag('tlsVerify') ? {} : { verifyTls: false }),
    ...(timeout !== undefined && { timeout }),
    ...(options.list('architecture').length > 0 && { architectures: options.list('architecture') }),
    ...(start !== undefined && { start }),
    ...(spread !== undefined && { spread }),
    renew: options.flag('renew'),
  };
}

function robotOf(robot: string, organization: string): string {
  if (!robot.includes('+') || robot.startsWith(`${organization}+`)) return robot;
  throw usageError(`The robot ${robot} is not of the organisation ${organization}.`, 'Quay takes only its own robots.');
}

function descriptionOf(options: OptionValues): Pick<MirrorSetup, 'description'> {
  if (options.flag('descriptionFromSource')) return { description: { from: 'source' } };
  const text = options.text('description');
  return text === undefined ? {} : { description: text };
}

function proxyOf(options: OptionValues): MirrorSetup['proxy'] {
  const [http, https, none] = ['httpProxy', 'httpsProxy', 'proxyExcept'].map((name) => options.text(name));
  if (http === undefined && https === undefined && none === undefined) return undefined;
  return { ...(http && { http }), ...(https && { https }), ...(none && { none }) };
}

async function pullCredentials(context: CommandContext): Promise<MirrorSetup['credentials']> {
  const username = context.options.text('pullUsername');
  const password = await secretFrom(context, 'pullPasswordEnv', 'pullPasswordFile');
  if (username === undefined && password === undefined) return undefined;
  if (username !== undefined && password !== undefined) return { username, password };
  throw usageError('A user and a password go together.', 'Give --pull-username and --pull-password-env or -file.');
}

function startOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const time = Date.parse(text);
  if (Number.isNaN(time)) throw usageError(`"${text}" is no time.`, 'Write it like 2026-11-24T22:00:00Z.');
  return new Date(time).toISOString().replace(/\.\d+Z$/, 'Z');
}

/** Seconds of a duration option, at least `least`. */
export function secondsOf(options: OptionValues, name: string, least: number): number | undefined {
  const text = options.text(name);
  if (text === undefined) return undefined;
  const milliseconds = parseDuration(text);
  if (milliseconds !== undefined && milliseconds >= least * 1000) return Math.round(milliseconds / 1000);
  throw usageError(`"${text}" is no duration${least > 0 ? ` of at least ${least} s` : ''}.`, 'Write 90s, 10m or 1h.');
}

export async function secretFrom(
  { options, runtime, signal }: CommandContext,
  variable: string,
  file: string,
  otherwise?: string,
): Promise<Secret | undefined> {
  const [env, path] = [options.text(variable), options.text(file)];
  if (env !== undefined && path !== undefined) throw usageError('Name a variable or a file, not both.');
  const stated: SecretRef | undefined = env === undefined ? (path && { file: path }) || undefined : { env };
  const usual = otherwise !== undefined && runtime.env[otherwise] ? { env: otherwise } : undefined;
  return readNamedSecret(stated ?? usual, { env: runtime.env, signal });
}

/** How Quays are reached, as the common options say. */
export function quayConnection(context: CommandContext) {
  const { emit, ...connection } = sessionOptions(context, warnTo(context));
  return { ...connection, ...(emit && { emit }), signal: context.signal };
}
