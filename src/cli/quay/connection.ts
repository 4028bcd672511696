import { connectQuay, type QuayConnection, type QuayConnectOptions } from '../../compose/quay/connect.ts';
import { connectDeclared, loadDeclaration } from '../../compose/quay/declaration.ts';
import { readSecretFile } from '../../compose/quay/token-file.ts';
import type { QuayFile } from '../../config/quay-file.ts';
import type { Secret } from '../../kit/secret.ts';
import type { CommandContext } from '../context.ts';
import { usageError } from '../options.ts';
import { traceTo } from '../progress/trace.ts';
import { version } from '../version.ts';

/** How every command of `tranship quay` reaches its server, by its options. */
export function quayOptions({ options, runtime, io, signal }: CommandContext): Omit<QuayConnectOptions, 'server'> {
  return {
    env: runtime.env,
    home: runtime.home,
    caFile: options.text('caFile'),
    plainHttp: options.flag('plainHttp'),
    insecure: options.flag('insecure'),
    userAgent: `tranship/${version}`,
    emit: traceTo(io, options.text('progress')),
    signal,
  };
}

/** The server of `--server`, or the one of the configuration. */
export async function openServer(
  context: CommandContext,
  more: Partial<QuayConnectOptions> = {},
): Promise<QuayConnection> {
  const { options } = context;
  const file = options.text('config');
  const server = options.text('server');
  const token = await givenToken(context);
  const how = { ...quayOptions(context), ...(token && { token }), ...more };
  if (server !== undefined) return connectQuay({ ...how, server });
  if (file !== undefined) return connectDeclared(await loadDeclaration(file, context), how);
  throw usageError('Which Quay is meant is not said.', 'Give --server https://quay.example.com, or -c quay.yaml.');
}

export async function openDeclaration(
  context: CommandContext,
): Promise<{ file: QuayFile; connection: QuayConnection }> {
  const file = await loadDeclaration(context.options.text('config') ?? 'quay.yaml', context);
  const token = await givenToken(context);
  const connection = await connectDeclared(file, { ...quayOptions(context), ...(token && { token }) });
  return { file, connection };
}

async function givenToken({ options }: CommandContext): Promise<Secret | undefined> {
  const path = options.text('tokenFile');
  return path === undefined ? undefined : readSecretFile(path);
}
