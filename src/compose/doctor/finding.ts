/** What one step of the doctor found. */
export interface Finding {
  readonly step: string;
  readonly state: 'good' | 'note' | 'bad';
  readonly text: string;
  /** What to do about it. */
  readonly hint?: string;
}

export function good(step: string, text: string): Finding {
  return { step, state: 'good', text };
}

/** Worth knowing, and no fault. */
export function note(step: string, text: string, hint?: string): Finding {
  return { step, state: 'note', text, ...(hint !== undefined && { hint }) };
}

export function bad(step: string, text: string, hint?: string): Finding {
  return { step, state: 'bad', text, ...(hint !== undefined && { hint }) };
}
