import { type Command, InvalidArgumentError, Option } from 'commander';
import { OptionValues } from './options.ts';
import type { OptionSpec } from './spec.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** An option of the table as commander wants it. */
export function commanderOption(spec: OptionSpec): Option {
  const option = new Option(spec.flags, spec.about);
  if (spec.choices !== undefined) option.choices([...spec.choices]);
  if (spec.count) option.argParser(wholeNumber);
  if (spec.repeatable) option.argParser(appended(spec)).default([]);
  if (spec.tally) option.argParser((_, before: unknown) => (typeof before === 'number' ? before : 0) + 1);
  if (spec.fallback !== undefined) option.default(spec.fallback);
  return option;
}

/** The values as given; what was not given comes from `TRANSHIP_<OPTION>`, then from the table's default. */
export function valuesOf(command: Command, specs: readonly OptionSpec[], env: Environment): OptionValues {
  for (const spec of specs) {
    const option = new Option(spec.flags);
    const name = option.attributeName();
    const text = env[variableOf(option)];
    if (text === undefined || text === '' || command.getOptionValueSource(name) === 'cli') continue;
    command.setOptionValueWithSource(name, fromVariable(spec, option, text), 'env');
  }
  return new OptionValues(command.opts());
}

/** `--ca-file` → `TRANSHIP_CA_FILE`. */
function variableOf(option: Option): string {
  return `TRANSHIP_${option.name().toUpperCase().replaceAll('-', '_')}`;
}

function fromVariable(spec: OptionSpec, option: Option, text: string): unknown {
  const isSwitch = !option.required && !option.optional;
  if (isSwitch) return option.negate ? !isOn(text) : isOn(text);
  if (spec.choices !== undefined && !spec.choices.includes(text)) {
    const allowed = spec.choices.join(', ');
    throw new InvalidArgumentError(`error: ${variableOf(option)} is "${text}". Allowed choices are ${allowed}.`);
  }
  if (spec.count) return wholeNumber(text);
  return spec.repeatable ? text.split(',') : text;
}

function isOn(text: string): boolean {
  return !/^(?:0|false|no|off)$/i.test(text);
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new InvalidArgumentError('It must be a whole number above 0.');
}

function appended(spec: OptionSpec): (value: string, before: unknown) => string[] {
  return (value, before) => {
    if (spec.choices !== undefined && !spec.choices.includes(value)) {
      throw new InvalidArgumentError(`Allowed choices are ${spec.choices.join(', ')}.`);
    }
    return [...(Array.isArray(before) ? before.map(String) : []), value];
  };
}
