import { createHmac, timingSafeEqual } from 'node:crypto';

/** Signs and reads JSON Web Tokens with HMAC SHA-256 (RFC 7515, 7519), which is all that one program needs with itself. */
export function signJwt(claims: Readonly<Record<string, unknown>>, key: Uint8Array): string {
  const content = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(claims)}`;
  return `${content}.${signatureOf(content, key)}`;
}

/** The claims of a token that `key` has signed; its times are not looked at. `undefined` for any other text. */
export function readJwt(token: string, key: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  const [head, body, signature, ...more] = token.split('.');
  if (head === undefined || body === undefined || signature === undefined || more.length > 0) return undefined;
  if (!sameText(signature, signatureOf(`${head}.${body}`, key))) return undefined;
  return decode(head)?.['alg'] === 'HS256' ? decode(body) : undefined;
}

function signatureOf(content: string, key: Uint8Array): string {
  return createHmac('sha256', key).update(content).digest('base64url');
}

function sameText(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function decode(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
