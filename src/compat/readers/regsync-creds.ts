/** `creds` of regsync: how registries are reached and who signs in there. */
import type { Path } from '../../config/document.ts';
import { isPem } from '../../config/pem.ts';
import type { NativeRegistry, NativeSecret, NativeTls } from '../native.ts';
import type { RegistryWords } from '../registries.ts';
import { numberOf, textOf } from '../values.ts';
import { fillIn, isTemplate, templatedSecret } from './go-template.ts';
import { placeName } from './image-name.ts';
import type { RegsyncReading } from './regsync-reading.ts';
import type { Raw } from './shape.ts';

export interface Creds {
  readonly host: string;
  readonly words: RegistryWords;
  /** What stands in front of every repository's name there. */
  readonly pathPrefix?: string;
}

/** By the name that references have for the registry. */
export function readCreds(root: Raw, reading: RegsyncReading): ReadonlyMap<string, Creds> {
  const found = new Map<string, Creds>();
  reading.shape.list(root['creds'], ['creds']).forEach((value, at) => {
    const path: Path = ['creds', at];
    const creds = reading.shape.map(value, path);
    const name = reading.filled(creds['registry'], [...path, 'registry']);
    if (name === undefined) return reading.mistakes.missing(path, 'registry');
    const known = placeName(name)?.host;
    if (known === undefined) return reading.mistakes.add([...path, 'registry'], `"${name}" is no registry`);
    const hostname = reading.filled(creds['hostname'], [...path, 'hostname']);
    const host = known === 'docker.io' ? known : (hostname ?? name);
    const pathPrefix = textOf(creds['pathPrefix'])?.replace(/^\/+|\/+$/g, '');
    found.set(known, { host, words: wordsOf(creds, host, path, reading), ...(pathPrefix && { pathPrefix }) });
    tell(creds, `creds[${at}]`, reading);
    return undefined;
  });
  return found;
}

function wordsOf(creds: Raw, host: string, path: Path, reading: RegsyncReading): RegistryWords {
  const switched = textOf(creds['tls']) ?? (textOf(creds['scheme']) === 'http' ? 'disabled' : undefined);
  if (switched !== undefined && !['enabled', 'insecure', 'disabled'].includes(switched))
    reading.mistakes.add([...path, 'tls'], `"${switched}" is none of enabled, insecure and disabled`);
  const concurrency = numberOf(creds['reqConcurrent']);
  const perSecond = numberOf(creds['reqPerSec']);
  const limits = {
    ...(concurrency !== undefined && concurrency >= 1 && { concurrency: Math.floor(concurrency) }),
    ...(perSecond !== undefined && perSecond > 0 && { rate: rateOf(perSecond) }),
  };
  const credentials = loginOf(creds, host, path, reading);
  const tls = { ...certificatesOf(creds, host, path, reading), ...(switched === 'insecure' && { insecure: true }) };
  return {
    ...(credentials && { credentials }),
    ...(Object.keys(tls).length > 0 && { tls }),
    ...(switched === 'disabled' && { plainHttp: true }),
    ...(Object.keys(limits).length > 0 && { limits }),
  };
}

/** One request in two seconds is thirty a minute: our rates are whole numbers. */
function rateOf(perSecond: number): string {
  const [perMinute, perHour] = [Math.round(perSecond * 60), Math.round(perSecond * 3600)];
  if (Number.isInteger(perSecond)) return `${perSecond}/s`;
  return perMinute >= 1 && perMinute === perSecond * 60 ? `${perMinute}/m` : `${Math.max(1, perHour)}/h`;
}

function certificatesOf(creds: Raw, host: string, path: Path, reading: RegsyncReading): NativeTls {
  const pem = (key: string): string | undefined => pemOf(creds[key], [...path, key], reading);
  const [ca, cert, key] = [pem('regcert'), pem('clientCert'), pem('clientKey')];
  if ((cert === undefined) !== (key === undefined))
    reading.differences.leftOut(
      `creds[${path[1]}]`,
      '`clientCert` and `clientKey` belong together; one without the other is passed over',
    );
  return {
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined &&
      key !== undefined && { cert, key: isPem(key) ? reading.registries.secret('KEY', host, key) : key }),
  };
}

/** PEM text as it is, or the path of the file that a template names. */
function pemOf(value: unknown, path: Path, reading: RegsyncReading): string | undefined {
  const text = textOf(value);
  const file = text === undefined ? undefined : templatedSecret(text);
  if (file !== undefined && 'file' in file) return file.file;
  const filled = reading.filled(value, path);
  if (filled === undefined || isPem(filled)) return filled;
  reading.mistakes.add(path, 'this is no PEM text', {
    hint: 'It begins with -----BEGIN …, or is {{file "PATH"}}.',
  });
  return undefined;
}

function loginOf(creds: Raw, host: string, path: Path, reading: RegsyncReading): NativeRegistry['credentials'] {
  const helper = textOf(creds['credHelper']);
  if (helper !== undefined) {
    const server = textOf(creds['credHost']);
    return { helper: helper.replace(/^docker-credential-/, ''), ...(server !== undefined && { server }) };
  }
  const [user, pass] = [textOf(creds['user']), textOf(creds['pass'])];
  if ((user === undefined) !== (pass === undefined))
    reading.differences.leftOut(
      `creds[${path[1]}]`,
      '`user` and `pass` belong together; the docker login file is used',
    );
  if (user === undefined || pass === undefined) return undefined;
  const username = secretOf(user, reading);
  const password = secretOf(pass, reading);
  if (username === undefined || password === undefined) {
    reading.differences.leftOut(
      `creds[${path[1]}]`,
      'the login is a template that cannot be read; the docker login file is used',
    );
    return undefined;
  }
  if (typeof password !== 'string') return { username, password };
  reading.differences.note(
    `creds[${path[1]}]`,
    'the password stands in the file; tranship.yaml names a variable instead',
  );
  const kept = reading.registries.login(host, { username: typeof username === 'string' ? username : 'user', password });
  return typeof kept === 'object' && 'password' in kept ? { username, password: kept.password } : kept;
}

/** Where it is read from, the text itself, or nothing where its template is beyond us. */
function secretOf(text: string, { io }: RegsyncReading): string | NativeSecret | undefined {
  if (!isTemplate(text)) return text;
  const whole = templatedSecret(text);
  if (whole !== undefined) return whole;
  const filled = fillIn(text, io.env);
  return 'text' in filled ? filled.text : undefined;
}

function tell(creds: Raw, where: string, { differences, shape }: RegsyncReading): void {
  differences.unknownKeys(where, creds, [...known, ...Object.keys(changed), ...Object.keys(needless)]);
  for (const [key, message] of Object.entries(changed)) if (isGiven(creds[key])) differences.changed(where, message);
  for (const [key, message] of Object.entries(needless))
    if (isGiven(creds[key])) differences.note(where, `\`${key}\`: ${message}`);
  shape.texts(creds['mirrors'], []);
}

function isGiven(value: unknown): boolean {
  return Array.isArray(value)
    ? value.length > 0
    : typeof value === 'object'
      ? value !== null
      : textOf(value) !== undefined;
}

const known = [
  ...['registry', 'hostname', 'user', 'pass', 'credHelper', 'credHost', 'tls', 'scheme'],
  ...['regcert', 'clientCert', 'clientKey', 'pathPrefix', 'reqPerSec', 'reqConcurrent'],
];
const changed: Readonly<Record<string, string>> = {
  mirrors: 'mirrors of a registry are not asked; name the mirror as the source',
  token: '`token` is not carried over: write `credentials: {token: {env: NAME}}`',
  apiOpts: '`apiOpts` has no counterpart',
};
const needless: Readonly<Record<string, string>> = {
  api: 'found out by itself',
  priority: 'only orders mirrors',
  repoAuth: 'tokens are always asked for by repository',
  blobChunk: 'uploads are as large as the registry takes them',
  blobMax: 'uploads are as large as the registry takes them',
  credExpire: 'a helper is asked once a run',
};
