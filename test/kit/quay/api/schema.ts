import { pythonRepr } from '../format.ts';

/** The part of JSON schema (draft 4) that Quay's request bodies use. */
export interface Schema {
  readonly id?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly pattern?: string;
  readonly description?: string;
  readonly additionalProperties?: boolean;
  /** Exactly one of these must fit. */
  readonly oneOf?: readonly Schema[];
  /** `{}` forbids any value. */
  readonly not?: Schema;
  readonly default?: unknown;
  readonly format?: string;
}

interface Mistake {
  readonly depth: number;
  readonly message: string;
}

/**
 * The first line of the message that Quay's validator gives for `value`, or `undefined` when it fits. Of several mistakes
 * the outermost is named, and among equals the first in the order of the schema's keys.
 */
export function firstMistake(schema: Schema, value: unknown): string | undefined {
  let best: Mistake | undefined;
  for (const mistake of mistakes(schema, value, 0)) {
    if (best === undefined || mistake.depth < best.depth) best = mistake;
  }
  return best?.message;
}

function* mistakes(schema: Schema, value: unknown, depth: number): Generator<Mistake> {
  for (const keyword of Object.keys(schema)) yield* check(keyword, schema, value, depth);
}

function* check(keyword: string, schema: Schema, value: unknown, depth: number): Generator<Mistake> {
  if (keyword === 'oneOf') yield* checkAlternatives(schema.oneOf ?? [], value, depth);
  if (keyword === 'properties' && isObject(value)) yield* checkProperties(schema.properties ?? {}, value, depth);
  if (keyword === 'items' && Array.isArray(value) && schema.items !== undefined) {
    for (const item of value) yield* mistakes(schema.items, item, depth + 1);
  }
  if (keyword === 'required' && isObject(value)) {
    for (const name of schema.required ?? []) {
      if (!(name in value)) yield { depth, message: `${pythonRepr(name)} is a required property` };
    }
  }
  const message = simpleMistake(keyword, schema, value);
  if (message !== undefined) yield { depth, message: `${pythonRepr(value)} ${message}` };
}

/** Of the mistakes in the alternatives the innermost is named: it is likeliest to be what was meant. */
function* checkAlternatives(alternatives: readonly Schema[], value: unknown, depth: number): Generator<Mistake> {
  const found = alternatives.map((schema) => [...mistakes(schema, value, depth)]);
  const fitting = found.filter((list) => list.length === 0).length;
  if (fitting === 1) return;
  if (fitting > 1) {
    const fit = alternatives.filter((_, index) => found[index]?.length === 0);
    const each = [...fit.slice(1), ...fit.slice(0, 1)].map(pythonRepr).join(', ');
    yield { depth, message: `${pythonRepr(value)} is valid under each of ${each}` };
    return;
  }
  const [first, ...rest] = found.flat();
  if (first === undefined) return;
  const deepest = rest.reduce((best, one) => (one.depth > best.depth ? one : best), first);
  yield { depth, message: deepest.message };
}

function* checkProperties(
  properties: Readonly<Record<string, Schema>>,
  value: Record<string, unknown>,
  depth: number,
): Generator<Mistake> {
  for (const [name, schema] of Object.entries(properties)) {
    if (name in value) yield* mistakes(schema, value[name], depth + 1);
  }
}

function simpleMistake(keyword: string, schema: Schema, value: unknown): string | undefined {
  switch (keyword) {
    case 'type': {
      const types = typeof schema.type === 'string' ? [schema.type] : (schema.type ?? []);
      const wanted = types.map((type) => pythonRepr(type)).join(', ');
      return types.some((type) => hasType(value, type)) ? undefined : `is not of type ${wanted}`;
    }
    case 'not':
      return 'is not allowed';
    case 'additionalProperties':
      return hasUnknown(schema, value) ? 'has unknown properties' : undefined;
    case 'enum':
      return schema.enum?.includes(value) ? undefined : `is not one of ${pythonRepr(schema.enum)}`;
    case 'minimum':
      return typeof value === 'number' && value < (schema.minimum ?? value)
        ? `is less than the minimum of ${schema.minimum}`
        : undefined;
    case 'maximum':
      return typeof value === 'number' && value > (schema.maximum ?? value)
        ? `is greater than the maximum of ${schema.maximum}`
        : undefined;
    case 'minLength':
      return typeof value === 'string' && [...value].length < (schema.minLength ?? 0) ? 'is too short' : undefined;
    case 'maxLength':
      return typeof value === 'string' && [...value].length > (schema.maxLength ?? 0) ? 'is too long' : undefined;
    case 'minItems':
      return Array.isArray(value) && value.length < (schema.minItems ?? 0) ? 'is too short' : undefined;
    case 'maxItems':
      return Array.isArray(value) && value.length > (schema.maxItems ?? 0) ? 'is too long' : undefined;
    case 'pattern':
      return typeof value === 'string' && !new RegExp(schema.pattern ?? '').test(value)
        ? `does not match ${pythonRepr(schema.pattern)}`
        : undefined;
    default:
      return undefined;
  }
}

function hasUnknown(schema: Schema, value: unknown): boolean {
  if (schema.additionalProperties !== false || !isObject(value)) return false;
  return Object.keys(value).some((name) => !(name in (schema.properties ?? {})));
}

function hasType(value: unknown, type: string): boolean {
  switch (type) {
    case 'null':
      return value === null;
    case 'array':
      return Array.isArray(value);
    case 'object':
      return isObject(value);
    case 'integer':
      return typeof value === 'number' && Number.isInteger(value);
    default:
      return typeof value === type;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
