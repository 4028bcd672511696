import { AssertionError, strict as assert } from 'node:assert';
import type { Answer } from './wire.ts';

/** The answer has one of these statuses. */
export function expectStatus(answer: Answer, ...statuses: readonly number[]): void {
  if (statuses.includes(answer.status)) return;
  throw new AssertionError({
    message: `${answer.request} was answered ${answer.status} instead of ${statuses.join(' or ')}: ${excerpt(answer)}`,
    actual: answer.status,
    expected: statuses,
  });
}

/** A refusal that blames the request: 4xx, never 5xx, never a success. */
export function expectRefused(answer: Answer): void {
  if (answer.status >= 400 && answer.status < 500) return;
  throw new AssertionError({
    message: `${answer.request} was answered ${answer.status} instead of 4xx: ${excerpt(answer)}`,
  });
}

/** The status, and an error body in the specification's form that carries one of the codes. */
export function expectError(answer: Answer, statuses: readonly number[], ...codes: readonly string[]): void {
  expectStatus(answer, ...statuses);
  const found = errorCodes(answer);
  assert.ok(
    codes.some((code) => found.includes(code)),
    `${answer.request} was answered with codes [${found.join()}] instead of ${codes.join(' or ')}`,
  );
}

export function errorCodes(answer: Answer): readonly string[] {
  const document = json(answer) as { errors?: readonly { code?: unknown }[] };
  assert.ok(Array.isArray(document.errors), `${answer.request}: the error body has no "errors": ${excerpt(answer)}`);
  return document.errors.map((error: { code?: unknown }) => String(error.code));
}

/** A header's value; the case fails without it. */
export function header(answer: Answer, name: string): string {
  const value = answer.headers[name.toLowerCase()];
  assert.equal(typeof value, 'string', `${answer.request}: the answer (${answer.status}) has no ${name}`);
  return value as string;
}

export function json(answer: Answer): unknown {
  try {
    return JSON.parse(answer.body.toString('utf8'));
  } catch {
    throw new AssertionError({ message: `${answer.request}: the body is not JSON: ${excerpt(answer)}` });
  }
}

/** A success whose body is exactly these bytes. */
export function expectBytes(answer: Answer, bytes: Uint8Array): void {
  expectStatus(answer, 200, 206);
  assert.ok(
    answer.body.equals(bytes),
    `${answer.request}: ${answer.body.byteLength} bytes came instead of the ${bytes.byteLength} that were pushed`,
  );
}

function excerpt(answer: Answer): string {
  return JSON.stringify(answer.body.toString('utf8', 0, 300));
}
