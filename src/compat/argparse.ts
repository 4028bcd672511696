/**
 * The command lines of programs that were written with Python's argparse: flags in any order, `--flag value` and
 * `--flag=value`, and any unambiguous beginning of a long flag. Usage errors end such programs with 2.
 */

interface ArgparseFlag {
  /** `--config-file` */
  readonly name: string;
  /** What the help calls its value. Absent: a switch. */
  readonly value?: string;
  readonly required?: true;
  readonly about: string;
}

export interface ArgparseProgram {
  /** `quay_management_tasks.py` */
  readonly name: string;
  readonly flags: readonly ArgparseFlag[];
}

export type Parsed =
  | { readonly kind: 'values'; readonly values: ReadonlyMap<string, string | true> }
  | { readonly kind: 'help'; readonly text: string }
  /** For standard error; exit 2. */
  | { readonly kind: 'wrong'; readonly text: string };

const help: ArgparseFlag = { name: '--help', about: 'show this help message and exit' };

export function parseArguments(argv: readonly string[], program: ArgparseProgram): Parsed {
  const values = new Map<string, string | true>();
  const wrong = (message: string): Parsed => ({
    kind: 'wrong',
    text: `${usageLine(program)}\n${program.name}: error: ${message}\n`,
  });
  const rest = [...argv];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === '-h') return { kind: 'help', text: helpText(program) };
    const [typed = '', ...afterEquals] = word.split('=');
    const found = findFlag(typed, program.flags);
    if (typeof found === 'string') return wrong(found);
    if (found === undefined) return wrong(`unrecognized arguments: ${word.startsWith('-') ? typed : word}`);
    if (found === help) return { kind: 'help', text: helpText(program) };
    const given = afterEquals.length > 0 ? afterEquals.join('=') : undefined;
    if (found.value === undefined) {
      if (given !== undefined) return wrong(`argument ${found.name}: ignored explicit argument`);
      values.set(found.name, true);
      continue;
    }
    const value = given ?? (isValue(rest[0]) ? rest.shift() : undefined);
    if (value === undefined) return wrong(`argument ${found.name}: expected one argument`);
    values.set(found.name, value);
  }
  const missing = program.flags.filter((flag) => flag.required === true && !values.has(flag.name));
  if (missing.length === 0) return { kind: 'values', values };
  return wrong(`the following arguments are required: ${missing.map((flag) => flag.name).join(', ')}`);
}

/** The flag that `typed` names or begins; why there is no telling; or nothing. */
function findFlag(typed: string, flags: readonly ArgparseFlag[]): ArgparseFlag | string | undefined {
  const all = [help, ...flags];
  const exact = all.find((flag) => flag.name === typed);
  if (exact !== undefined || !/^--./.test(typed)) return exact;
  const begun = all.filter((flag) => flag.name.startsWith(typed));
  if (begun.length < 2) return begun[0];
  return `ambiguous option: ${typed} could match ${begun.map((flag) => flag.name).join(', ')}`;
}

/** A word that looks like a flag is no value; a negative number or a lone dash is. */
function isValue(word: string | undefined): boolean {
  return word !== undefined && (!word.startsWith('-') || word === '-' || /^-\d/.test(word));
}

function usageLine({ name, flags }: ArgparseProgram): string {
  const words = flags.map((flag) => {
    const usage = flag.value === undefined ? flag.name : `${flag.name} ${flag.value}`;
    return flag.required === true ? usage : `[${usage}]`;
  });
  return `usage: ${[name, '[-h]', ...words].join(' ')}`;
}

function helpText(program: ArgparseProgram): string {
  const rows = [
    ['-h, --help', help.about],
    ...program.flags.map((flag) => [flag.value === undefined ? flag.name : `${flag.name} ${flag.value}`, flag.about]),
  ];
  const lines = rows.flatMap(([flag = '', about = '']) =>
    flag.length > 21 ? [`  ${flag}`, `${' '.repeat(24)}${about}`] : [`  ${flag.padEnd(22)}${about}`],
  );
  return `${usageLine(program)}\n\noptions:\n${lines.join('\n')}\n`;
}
