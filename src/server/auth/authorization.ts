export interface NameAndPassword {
  readonly name: string;
  readonly password: string;
}

/** The credentials of an `Authorization: Basic` header (RFC 7617); `undefined` for any other. */
export function basicOf(header: string | undefined): NameAndPassword | undefined {
  const [, encoded] = /^basic +([A-Za-z0-9+/=_-]+)$/i.exec(header ?? '') ?? [];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : { name: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** The token of an `Authorization: Bearer` header (RFC 6750). */
export function bearerOf(header: string | undefined): string | undefined {
  return /^bearer +([A-Za-z0-9._~+/=-]+)$/i.exec(header ?? '')?.[1];
}
