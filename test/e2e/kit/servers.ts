/**
 * Real registries on loopback, each on a free port with a folder of its own, gone with everything they wrote when they
 * are disposed. What a server said stays in its log, which a failed start shows.
 */
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Certificates } from './certificates.ts';
import { freePort, statusOf, until } from './ports.ts';
import { start } from './process.ts';
import { root, tool, transhipProgram } from './tools.ts';

export type ServerKind = 'docker-registry' | 'distribution' | 'olareg' | 'ggcr-registry' | 'embedded';

export interface ServerOptions {
  readonly tls?: Certificates;
  /** Lines of an htpasswd file with bcrypt hashes. */
  readonly htpasswd?: string;
  /** Distribution's token authentication. */
  readonly token?: {
    readonly realm: string;
    readonly service: string;
    readonly issuer: string;
    readonly certFile: string;
  };
  /** Where the server's folder is made, e.g. on a memory file system. Default: the system's temporary folder. */
  readonly storageRoot?: string;
  /** Content of a server that was there before. Default: a folder of its own. */
  readonly storage?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export interface Server extends AsyncDisposable {
  readonly kind: ServerKind;
  /** `127.0.0.1:PORT`, or `localhost:PORT` with TLS. */
  readonly host: string;
  readonly url: string;
  readonly pid: number;
  /** Holds `storage/` and the configuration. */
  readonly folder: string;
  log(): string;
}

const startLimitMs = 30_000;
const startTries = 3;

export async function startServer(kind: ServerKind, options: ServerOptions = {}): Promise<Server> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await startOnce(kind, options);
    } catch (error) {
      if (attempt === startTries || !/address already in use|EADDRINUSE/i.test(String(error))) throw error;
    }
  }
}

async function startOnce(kind: ServerKind, options: ServerOptions): Promise<Server> {
  const folder = mkdtempSync(join(options.storageRoot ?? tmpdir(), `tranship-${kind}-`));
  const port = await freePort();
  const host = `${options.tls ? 'localhost' : '127.0.0.1'}:${port}`;
  const url = `${options.tls ? 'https' : 'http'}://${host}`;
  const [program, args] = commandLines[kind]({ folder, port, options });
  const child = start(program, args, {
    env: { HOME: folder, OTEL_TRACES_EXPORTER: 'none', ...options.env },
    cwd: folder,
  });
  const withUs = (): boolean => child.kill('SIGKILL');
  process.once('exit', withUs);
  child.once('close', () => process.off('exit', withUs));
  const log = collectLog(child);
  try {
    await until(async () => isUp(await statusOf(`${url}/v2/`), child, log), {
      limitMs: startLimitMs,
      what: `${kind} answering`,
    });
  } catch (error) {
    await stop(child, folder);
    throw new Error(`${kind} did not start: ${String(error)}\n${log()}`, { cause: error });
  }
  return { kind, host, url, folder, log, pid: child.pid ?? 0, [Symbol.asyncDispose]: () => stop(child, folder) };
}

function isUp(status: number | undefined, child: ChildProcess, log: () => string): boolean {
  if (child.exitCode !== null || child.signalCode !== null) throw new Error(`it ended: ${log()}`);
  return status !== undefined;
}

async function stop(child: ChildProcess, folder: string): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const gone = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGKILL');
    await gone;
  }
  rmSync(folder, { recursive: true, force: true });
}

const logLimit = 1 << 20;

function collectLog(child: ChildProcess): () => string {
  let text = '';
  const take = (more: Buffer): void => {
    text = (text + more.toString()).slice(-logLimit);
  };
  child.stdout?.on('data', take);
  child.stderr?.on('data', take);
  child.stdin?.end();
  return () => text;
}

interface Start {
  readonly folder: string;
  readonly port: number;
  readonly options: ServerOptions;
}

const commandLines: Readonly<Record<ServerKind, (start: Start) => [string, string[]]>> = {
  'docker-registry': (start) => [tool('docker-registry'), ['serve', distributionConfig(start)]],
  distribution: (start) => [tool('distribution'), ['serve', distributionConfig(start)]],
  olareg: ({ folder, port, options }) => [
    tool('olareg'),
    [
      'serve',
      '--addr',
      '127.0.0.1',
      '--port',
      `${port}`,
      '--dir',
      storageOf(folder, options),
      '--api-delete',
      '--api-blob-delete',
    ],
  ],
  'ggcr-registry': ({ port }) => [tool('ggcr-registry'), ['-port', `${port}`]],
  embedded: ({ folder, port, options }) => [
    process.execPath,
    [transhipProgram, ...serveArguments(folder, port, options)],
  ],
};

function storageOf(folder: string, { storage = join(folder, 'storage') }: ServerOptions): string {
  return storage;
}

/** How `tranship serve` is started, beside what the user's command line says. */
function serveArguments(folder: string, port: number, options: ServerOptions = {}): string[] {
  const { tls, htpasswd } = options;
  if (htpasswd !== undefined) writeFileSync(join(folder, 'htpasswd'), htpasswd);
  return [
    ...['serve', storageOf(folder, options), '--listen', `127.0.0.1:${port}`],
    ...(tls ? ['--cert', tls.certFile, '--key', tls.keyFile] : []),
    ...(htpasswd === undefined ? [] : ['--htpasswd', join(folder, 'htpasswd')]),
  ];
}

/** One configuration that both generations of distribution understand. */
function distributionConfig({ folder, port, options }: Start): string {
  const { tls, htpasswd, token } = options;
  if (htpasswd !== undefined) writeFileSync(join(folder, 'htpasswd'), htpasswd);
  const config = {
    version: 0.1,
    log: { level: 'warn', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: storageOf(folder, options), maxthreads: 100 }, delete: { enabled: true } },
    http: {
      addr: `127.0.0.1:${port}`,
      secret: 'only-for-tests',
      ...(tls ? { tls: { certificate: tls.certFile, key: tls.keyFile } } : {}),
    },
    // Foreign layers are taken when their URLs may be anything.
    validation: { manifests: { urls: { allow: ['^https://'] } } },
    ...(htpasswd === undefined ? {} : { auth: { htpasswd: { realm: 'test', path: join(folder, 'htpasswd') } } }),
    ...(token === undefined
      ? {}
      : { auth: { token: { ...token, certFile: undefined, rootcertbundle: token.certFile } } }),
  };
  const file = join(folder, 'config.yml');
  // JSON is YAML.
  writeFileSync(file, JSON.stringify(config));
  return file;
}

/** The version of this very project, for reports. */
export const projectVersion = (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string })
  .version;
